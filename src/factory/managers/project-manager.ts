import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import type { NewId } from '../../lib/ids.ts';
import { milliseconds } from '../../lib/schema.ts';
import { withoutMissing } from '../../lib/without-missing.ts';
import type { NextJob } from '../../queues/jobs/catalogue.ts';
import type { NewEvent } from '../model/event.ts';
import type { GateCheck } from '../model/gates/gate-check.ts';
import type { Project } from '../model/project.ts';
import { nameOf } from '../model/talk.ts';
import type { Task, TaskList } from '../model/task.ts';
import type { GitManager, JobQueue, Perform, StateStore } from '../ports.ts';
import type { ReportDeps } from '../report/load-report.ts';
import { findTask } from '../tasks/list/add.ts';
import { addByOwner, type OwnerOutcome, takenBack, updateByOwner } from '../tasks/list/owner.ts';
import { criteriaOfPersona } from '../tasks/proof/criteria.ts';
import { asItStands, notRun, personaOf, refuseEnded, refuseInBranches } from './refusals.ts';
import { createTalk, type Talk, type TalkManagerDeps } from './talk.ts';
import { readOrder, readUpdate, type TaskOrder, type TaskUpdate } from './task-order.ts';
import { createViews, type Views } from './views.ts';

/** The specification's ProjectManager (§4.3). All its methods throw `not_found`/`project_not_found`. */
export interface ProjectManager extends Talk, Views {
  getTaskList(projectId: string): Promise<TaskList>;
  /**
   * Changes a task in its owner's name; the agent at work is told. A new title, description or criterion sets a completed task back
   * to work. The rest of the task may be handed in as it stands, and is not changed.
   *
   * @param taskId its id, a unique beginning of it, or its exact title
   * @returns the task as it is now
   * @throws DarkFactoryError `usage`: `completed_needs_proof` (no task is completed by anybody's word), `task_invalid`, `task_refused`,
   *   `nothing_to_change`, `project_ended`, `task_in_branches` (but for a skip); `not_found`: `task_not_found`, `persona_not_found`
   */
  updateTask(projectId: string, taskId: string, updates: TaskUpdate): Promise<Task>;
  /** Adds a task in its owner's name. Throws as `updateTask`; branches of a decision are no hindrance. */
  addTask(projectId: string, task: TaskOrder): Promise<Task>;
  /** Asks the workers for an audit. @returns the round that `lastAudit` will show, and the job */
  requestAudit(projectId: string): Promise<{ round: number; job: NextJob }>;
  /**
   * Has a judge look at every task now, in this process: paid calls under the project's caps, commands in the sandbox. Waits for the
   * verdict, which stands in `Project.lastAudit`.
   *
   * @returns the list after it
   * @throws DarkFactoryError `failed`/`not_run` with the reason when there is no verdict, for example for want of money
   */
  auditTaskList(projectId: string): Promise<TaskList>;
  /**
   * From now on the list is audited this often while the project is at work, in the place of `auditInterval` of config.yaml.
   *
   * @param intervalMs whole milliseconds, at least one minute: each audit is paid for
   * @throws DarkFactoryError `usage`: `interval_invalid`, `project_ended`
   */
  scheduleAudit(projectId: string, intervalMs: number): Promise<void>;
}

export interface ProjectManagerDeps extends ReportDeps, TalkManagerDeps {
  state: ReportDeps['state'] & StateStore;
  git: GitManager;
  newId: NewId;
  record(event: NewEvent): Promise<void>;
  /** The checks of a persona's gate. */
  checks(project: Project, persona: string): Promise<readonly GateCheck[]>;
  queue(): Promise<JobQueue>;
  perform: Perform;
}

const TASKS_STAY = 'its tasks stay as they are';
const SHORTEST_INTERVAL_MS = 60_000;

export function createProjectManager(deps: ProjectManagerDeps): ProjectManager {
  const { state, now, newId, record } = deps;

  /** Throws for a project that has ended: nobody would work on its tasks any more. */
  async function atWork(projectId: string): Promise<Project> {
    const project = await state.project(projectId).get();
    notEnded(project);
    return project;
  }
  const notEnded = (project: Project) => refuseEnded(project, TASKS_STAY);

  /**
   * Applies an owner's change to the list and puts it into the audit log. Nothing is changed where it is refused.
   *
   * @param check throws where the project, as it stands by now, does not let this task be changed
   */
  async function change(
    projectId: string,
    type: 'task.added' | 'task.updated' | 'task.skipped',
    how: (list: TaskList) => OwnerOutcome,
    check: (project: Project, taskId: string) => Promise<void> | void,
  ): Promise<Task> {
    let outcome: OwnerOutcome | undefined;
    let before: TaskList | undefined;
    await state.tasks(projectId).update((current) => {
      const made = how(current);
      outcome = made;
      before = current;
      if (!made.ok) throw refused(made);
      return made.value.list;
    });
    if (!outcome?.ok || before === undefined) throw new Error('the task list was updated without an outcome');
    const { task, text } = outcome.value;
    try {
      await check(await asItStands(state, projectId), task.id);
    } catch (error) {
      const old = before;
      await state.tasks(projectId).update((current) => takenBack(current, task.id, old));
      throw error;
    }
    const data = { by: deps.by, status: task.status };
    await record({
      projectId,
      type,
      level: 'info',
      message: `${nameOf(deps.by)}: ${text}.`,
      taskId: task.id,
      data,
    });
    return task;
  }

  async function auditOrder(projectId: string): Promise<{ round: number; job: NextJob }> {
    const round = (await state.project(projectId).get()).auditRounds + 1;
    const payload = { projectId, kind: 'manual' as const, round };
    return { round, job: { queue: 'audits', payload, deduplicationId: `${projectId}.audit.${round}` } };
  }

  return {
    ...createTalk(deps),
    ...createViews(deps),
    getTaskList: (projectId) => state.tasks(projectId).get(),
    async updateTask(projectId, taskId, updates) {
      const project = await atWork(projectId);
      const found = findTask((await state.tasks(projectId).get()).tasks, taskId);
      if (!found.ok) throw refused(found);
      const { assignedPersona, ...fields } = readUpdate(updates, found.value);
      const wanted = {
        ...fields,
        ...(assignedPersona === undefined ? {} : { persona: personaOf(project, assignedPersona) }),
      };
      if (Object.keys(wanted).length === 0)
        throw usageError(
          'nothing_to_change',
          'Nothing of the task is to be changed',
          'See df tasks update --help',
        );
      const isSkip = wanted.status === 'skipped';
      const check = async (current: Project, id: string) => {
        notEnded(current);
        if (!isSkip) await refuseInBranches(state, current, id);
      };
      await check(project, found.value.id);
      const how = (list: TaskList) => updateByOwner(list, taskId, wanted, { now: now(), id: newId() });
      return change(projectId, isSkip ? 'task.skipped' : 'task.updated', how, check);
    },
    async addTask(projectId, task) {
      const { assignedPersona, ...fields } = readOrder(task);
      const project = await atWork(projectId);
      const persona = assignedPersona === undefined ? {} : { persona: personaOf(project, assignedPersona) };
      const checks = await deps.checks(project, persona.persona ?? project.personas[0]?.templateName ?? '');
      const frame = { now: now(), id: newId(), personaCriteria: criteriaOfPersona(checks) };
      const how = (list: TaskList) => addByOwner(list, { ...withoutMissing(fields), ...persona }, frame);
      return change(projectId, 'task.added', how, notEnded);
    },
    async requestAudit(projectId) {
      const order = await auditOrder(projectId);
      await (await deps.queue()).enqueue(order.job);
      await record({
        ...{ projectId, type: 'project.ordered', level: 'info', data: { by: deps.by } },
        message: 'Its owner asks for an audit.',
      });
      return order;
    },
    async auditTaskList(projectId) {
      const { round, job } = await auditOrder(projectId);
      const { detail } = await deps.perform(job);
      const { lastAudit } = await state.project(projectId).get();
      if (lastAudit !== undefined && lastAudit.round >= round) return state.tasks(projectId).get();
      throw notRun('audit', detail);
    },
    async scheduleAudit(projectId, intervalMs) {
      const interval = milliseconds.min(SHORTEST_INTERVAL_MS).safeParse(intervalMs);
      if (!interval.success)
        throw usageError(
          'interval_invalid',
          `${intervalMs} is no interval between audits`,
          `Give whole milliseconds, at least ${SHORTEST_INTERVAL_MS}.`,
        );
      await atWork(projectId);
      await state.project(projectId).update((project) => ({
        ...project,
        settings: { ...project.settings, auditInterval: interval.data },
        updatedAt: now(),
      }));
      const message = `Audited every ${Math.round(interval.data / 60_000)} minutes from now on.`;
      await record({
        projectId,
        type: 'audit.scheduled',
        level: 'info',
        message,
        data: { by: deps.by, intervalMs },
      });
    },
  };
}

function refused({ problem, missing }: Extract<OwnerOutcome, { ok: false }>): DarkFactoryError {
  return new DarkFactoryError(
    missing ? 'not_found' : 'usage',
    missing ? 'task_not_found' : 'task_refused',
    `Nothing was changed: ${problem}`,
    'See df tasks <id> for ids and titles',
  );
}
