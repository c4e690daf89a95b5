import { DarkFactoryError } from '../../../lib/failure.ts';
import { treeLedger } from '../../decisions/tree/tree-costs.ts';
import { summariseCosts } from '../../finance/books/costs.ts';
import { activeTime } from '../../model/active-time.ts';
import { readAgents } from '../../model/agents.ts';
import { ENDED, type Project } from '../../model/project.ts';
import { isIdle } from '../../model/schedule.ts';
import type { StateStore } from '../../ports.ts';
import { countTasks } from '../../tasks/list/count.ts';
import { type FailingCheck, failingChecks } from '../failing-checks.ts';
import { needInTree } from '../need-in-tree.ts';
import { type Need, nextStep } from '../next-step.ts';

/** What a night came to, over all projects; branches of decisions count with the project that they were forked from. */
export interface NightReport {
  since: Date;
  until: Date;
  needsYou: (Need & { projectId: string; name: string })[];
  projects: NightProject[];
  /** `failed`: also those that ran out of time; `cost`: USD spent since; `possible`: that may have been billed on top of it, without a reply. */
  totals: {
    projects: number;
    completed: number;
    failed: number;
    stopped: number;
    open: number;
    cost: number;
    possible: number;
  };
  /** Schedules whose newest run made nothing that was to be made. */
  schedules: (Need & { name: string })[];
  /** Projects whose state cannot be read. */
  unreadable: { id: string; problem: string }[];
}

export interface NightProject {
  id: string;
  name: string;
  repository: string;
  status: Project['status'];
  stopped?: true;
  reason?: string;
  tasks: { completed: number; total: number };
  /** USD spent since, its branches included. */
  cost: number;
  /** USD that may have been billed since on top of it, without a reply. */
  possible: number;
  /** Active time, as the limit counts it. */
  durationMs: number;
  branch: string;
  /** Where it can be read at a forge. */
  publication?: Project['publication'];
  /** The command that comes next. */
  next: string;
  /** Of one that did not complete: the checks that its newest gate failed, with what their outputs say. */
  failing: FailingCheck[];
}

export interface NightDeps {
  state: Pick<
    StateStore,
    'listProjects' | 'project' | 'tasks' | 'gates' | 'costs' | 'agent' | 'readOutput' | 'schedules'
  >;
}

/**
 * @param span `workers`: processes that live, `null` where nobody knows
 * @returns all that was at work or ended since, and all that is open
 */
export async function nightReport(
  { state }: NightDeps,
  { since, until, workers }: { since: Date; until: Date; workers: number | null },
): Promise<NightReport> {
  const { projects: all, unreadable } = await state.listProjects();
  const roots = all.filter((each) => each.parentProjectId === undefined && isOf(each, since));
  const lines: NightProject[] = [];
  for (const project of roots) {
    try {
      lines.push(await describe(state, project, since, workers));
    } catch (error) {
      if (!(error instanceof DarkFactoryError)) throw error;
      unreadable.push({ id: project.id, problem: error.message });
    }
  }
  const needsYou: NightReport['needsYou'] = [];
  for (const project of roots) {
    const need = await needInTree(state, project, workers);
    if (need !== null) needsYou.push({ projectId: project.id, name: project.name, ...need });
  }
  const count = (wanted: (each: NightProject) => boolean) => lines.filter(wanted).length;
  return {
    since,
    until,
    needsYou,
    projects: lines,
    totals: {
      projects: lines.length,
      completed: count(({ status }) => status === 'completed'),
      failed: count(({ status, stopped }) => (status === 'failed' && !stopped) || status === 'timeout'),
      stopped: count(({ stopped }) => stopped === true),
      open: count(({ status }) => !ENDED.has(status)),
      cost: lines.reduce((sum, { cost }) => sum + cost, 0),
      possible: lines.reduce((sum, { possible }) => sum + possible, 0),
    },
    schedules: await idleSchedules(state, since),
    unreadable,
  };
}

async function idleSchedules(
  state: Pick<StateStore, 'schedules'>,
  since: Date,
): Promise<NightReport['schedules']> {
  const { schedules } = await state.schedules().get();
  return schedules.flatMap(({ name, runs, trouble }) => {
    const last = runs.at(-1);
    const why = trouble ?? (last !== undefined && last.at >= since && isIdle(last) ? last.detail : undefined);
    return why === undefined ? [] : [{ name, why, do: `df schedule run ${name}` }];
  });
}

/** Open, or ended since. One that was made and never started is no part of a night. */
function isOf({ started, status, endTime, updatedAt }: Project, since: Date): boolean {
  return started && (!ENDED.has(status) || (endTime ?? updatedAt) >= since);
}

async function describe(
  state: NightDeps['state'],
  project: Project,
  since: Date,
  workers: number | null,
): Promise<NightProject> {
  const { id, name, repository, status, stopped, statusReason, waiting, workBranch } = project;
  const [list, agents, ledger, gates] = await Promise.all([
    state.tasks(id).get(),
    readAgents(state, project),
    treeLedger(state, id),
    state.gates(id).list(),
  ]);
  const reason = waiting?.detail ?? statusReason;
  const { completed, total } = countTasks(list);
  const spent = summariseCosts(
    id,
    ledger.entries.filter(({ timestamp }) => timestamp >= since),
  );
  return {
    ...{ id, name, repository, status },
    ...(stopped ? { stopped } : {}),
    ...(reason === undefined ? {} : { reason }),
    tasks: { completed, total },
    cost: spent.totalSpent,
    possible: spent.possibleSpent,
    durationMs: activeTime(project, agents),
    branch: workBranch,
    ...(project.publication === undefined ? {} : { publication: project.publication }),
    next: nextStep(project, workers),
    failing: status === 'completed' ? [] : await failingChecks(state, project, gates),
  };
}
