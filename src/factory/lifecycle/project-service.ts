import type { Soon } from '../../lib/async/soon.ts';
import { createAnswers } from '../../lib/lru.ts';
import { followJournal, lastSummary } from '../agent/memory/agent-state.ts';
import type { Config } from '../config/config.ts';
import { personaChecks } from '../gates/run/commands.ts';
import { checkedOnes } from '../gates/run/not-checked.ts';
import type { NewEvent } from '../model/event.ts';
import type { GateCheck } from '../model/gates/gate-check.ts';
import type { PersonaTemplate } from '../model/personas/persona.ts';
import type { Project } from '../model/project.ts';
import type { FinanceManager, GitManager, JobQueue, StateStore } from '../ports.ts';
import { goOnWhenAnswered, holdFor } from '../talk/hold.ts';
import { hasNews } from '../talk/notes.ts';
import { handOn } from './dispatch.ts';
import { createProjectPolling, type ProjectPolling } from './polling.ts';
import { noteFigures } from './running-figures.ts';
import { createProjectWaiting, type ProjectWaiting } from './waiting.ts';

export interface ProjectServiceDeps {
  state: StateStore;
  git: GitManager;
  config: Config;
  now(): Date;
  queue(): Promise<JobQueue>;
  finance(): Promise<FinanceManager>;
  record(event: NewEvent): Promise<void>;
  /** @param path of its template. Missing: found by the name */
  loadPersona(repository: string, name: string, path?: string): Promise<PersonaTemplate>;
  soon: Pick<Soon, 'ask'>;
  giveTurns: ProjectService['giveTurns'];
}

/** What the workers ask about projects. */
export interface ProjectService extends ProjectWaiting, ProjectPolling {
  /** Enqueues what the project needs next. */
  dispatch(projectId: string): Promise<void>;
  /** The same at the end of a step, which waits only until it is on its way; see `handOn`. What is lost then, a look for lost work finds. */
  handOn(projectId: string): Promise<{ added: Promise<void> }>;
  /** Lets projects of the backlog begin whose turn has come. @param open what is known of the open projects already */
  giveTurns(open?: readonly Project[]): Promise<void>;
  /** Has its figures written into its document within a second: money or time was spent. */
  figuresMoved(projectId: string): Promise<void>;
  /** The same for the parent of a project, where it has one: it may be time to weigh its branches. */
  dispatchParent(projectId: string): Promise<void>;
  /**
   * Before an agent's next step: pauses a project of which nothing is left to do but what hangs on an answer (`holdFor`).
   *
   * @returns what it waits for; `null`: it goes on
   */
  holdForAnswer(project: Project, persona: string, claims: boolean): Promise<string | null>;
  /** Lets a project go on that waits for an answer, when there is one. @returns whether this call did */
  answered(projectId: string): Promise<boolean>;
  /** Whether the owner has said something, or changed the task list, and this agent was not told yet. */
  hasNews(project: Project, persona: string): Promise<boolean>;
  /** Asks for a look at all projects, at most once in `everyMs` over all workers; `everyMs` 0: now. */
  requestReconcile(everyMs: number, id: string): Promise<void>;
  /** Brings an agent's state up to its journal and asks for what is next. @returns whether it was behind */
  catchUp(projectId: string, persona: string): Promise<boolean>;
  persona(project: Project, name: string): Promise<PersonaTemplate>;
  /** The checks of a persona's gate. They come from the base commit, so they are found once. Without those that are left out. */
  checks(project: Project, persona: string): Promise<readonly GateCheck[]>;
  /** What the personas before this one said at their end. */
  earlierSummaries(project: Project, persona: string): Promise<{ persona: string; summary: string }[]>;
}

/** Personas of open projects that a worker keeps the checks of. */
const CHECKS_KEPT = 500;

export function createProjectService(deps: ProjectServiceDeps): ProjectService {
  const { state, git } = deps;
  const waiting = createProjectWaiting(deps);
  const talk = { ...deps, patience: deps.config.questions.patience };
  const checks = createAnswers<readonly GateCheck[]>(CHECKS_KEPT);
  const projectService: ProjectService = {
    ...waiting,
    ...createProjectPolling(deps, waiting),
    async dispatch(projectId) {
      await (await projectService.handOn(projectId)).added;
    },
    async handOn(projectId) {
      const { waiting: reason } = await state.project(projectId).get();
      // A wait that is over would stand in the status for as long as nobody takes it away.
      if (reason?.until !== undefined && reason.until <= deps.now()) await waiting.goOn(projectId);
      await projectService.figuresMoved(projectId);
      return handOn(deps, await deps.queue(), projectId);
    },
    giveTurns: deps.giveTurns,
    async figuresMoved(projectId) {
      deps.soon.ask(`figures/${projectId}`, () => noteFigures(state, projectId));
    },
    async dispatchParent(projectId) {
      const { parentProjectId } = await state.project(projectId).get();
      if (parentProjectId !== undefined) await projectService.dispatch(parentProjectId);
    },
    async holdForAnswer(project, persona, claims) {
      const held = await holdFor(talk, project, { persona, claims });
      if (held === null) return null;
      const { question } = held;
      const more = question === undefined ? {} : { question };
      await waiting.pauseFor(project.id, held.for, held.detail, held.until, more);
      // An answer may have come between.
      if (await projectService.answered(project.id)) await projectService.dispatch(project.id);
      return held.detail;
    },
    answered: (projectId) => goOnWhenAnswered(talk, projectId),
    hasNews: (project, persona) => hasNews(state, project, persona),
    async requestReconcile(everyMs, id) {
      const queue = await deps.queue();
      await queue.enqueue({
        queue: 'projects',
        payload: { action: 'reconcile' },
        deduplicationId: id,
        ...(everyMs === 0 ? {} : { throttle: everyMs }),
      });
    },
    async catchUp(projectId, persona) {
      const behind = await followJournal(state, { projectId, persona });
      await projectService.dispatch(projectId);
      return behind;
    },
    persona({ personas, repository }, name) {
      const own = personas.find((each) => each.templateName === name && each.fromPath);
      return deps.loadPersona(repository, name, own?.templatePath);
    },
    async checks(project, persona) {
      const found = await checks(`${project.id}/${persona}`, () => personaChecks(git, project, persona));
      return checkedOnes(found, project.settings.notChecked);
    },
    async earlierSummaries(project, persona) {
      const said: { persona: string; summary: string }[] = [];
      for (const { templateName } of [...project.personas].sort((a, b) => a.priority - b.priority)) {
        if (templateName === persona) break;
        const summary = lastSummary(await state.journal(project.id, templateName).entries());
        if (summary !== null) said.push({ persona: templateName, summary });
      }
      return said;
    },
  };
  return projectService;
}
