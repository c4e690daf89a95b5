import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { branchFigures, type FigureDeps } from '../decisions/tree/figures.ts';
import { treeLedger } from '../decisions/tree/tree-costs.ts';
import { readAgents } from '../model/agents.ts';
import type { GitManager, StateStore } from '../ports.ts';
import { messagesOf } from '../talk/messages.ts';
import { questionsIn } from '../talk/questions.ts';
import { failingChecks } from './failing-checks.ts';
import { makeReport } from './report.ts';
import type { Report, ReportMaterial } from './report-types.ts';
import type { Absence } from './time-spent.ts';

/** Commits listed; the figures count all of them. */
const MAX_COMMITS = 200;

export interface ReportDeps {
  state: FigureDeps['state'] & Pick<StateStore, 'events' | 'talk' | 'journal' | 'readOutput'>;
  git: FigureDeps['git'] & Pick<GitManager, 'log'>;
  now(): Date;
  /** Times in which nobody could work for any project. */
  absences(): Promise<Absence[]>;
}

/** The report of a project as it is now. Throws `not_found`/`project_not_found`. */
export async function loadReport(deps: ReportDeps, id: string): Promise<Report> {
  return makeReport(await gather(deps, id), deps.now());
}

async function gather({ state, git, absences }: ReportDeps, id: string): Promise<ReportMaterial> {
  const project = await state.project(id).get();
  const [tasks, agents, gates, ledger, events] = await Promise.all([
    state.tasks(id).get(),
    readAgents(state, project),
    state.gates(id).list(),
    treeLedger(state, id),
    state.events(id).readAll(),
  ]);
  const { repository, baseCommit, workBranch } = project;
  // A repository that was moved, or a branch that was never made, takes nothing else away from the report.
  const work = await Promise.all([
    git.diffFigures(repository, baseCommit, workBranch),
    git.log(repository, baseCommit, workBranch, MAX_COMMITS),
  ]).catch(expecting(isFailure, null));
  const forked = new Set(project.forks.flatMap((fork) => fork.branches.map((branch) => branch.projectId)));
  const branches = await Promise.all(
    ledger.projects
      .filter((each) => forked.has(each.id))
      .map((child) => branchFigures({ state, git }, child)),
  );
  const asked = await Promise.all(
    ledger.projects.map(async (each) => questionsIn(each.id, await state.talk(each.id).entries())),
  );
  return {
    project,
    absences: await absences(),
    failing: project.status === 'completed' ? [] : await failingChecks(state, project, gates),
    tasks,
    agents,
    gates,
    costs: ledger.entries,
    events,
    questions: asked.flat(),
    messages: await messagesOf(state, project),
    branches,
    git: work === null ? null : { figures: work[0], log: work[1] },
  };
}
