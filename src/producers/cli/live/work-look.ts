import { callText } from '../../../factory/agent/tools/call-text.ts';
import { alongBranch } from '../../../factory/decisions/tree/figures.ts';
import { treeCosts } from '../../../factory/decisions/tree/tree-costs.ts';
import type { AgentState } from '../../../factory/model/agent.ts';
import { readAgents } from '../../../factory/model/agents.ts';
import { openFork } from '../../../factory/model/fork.ts';
import type { Project } from '../../../factory/model/project.ts';
import type { DiffFigures, GitManager, StateStore } from '../../../factory/ports.ts';
import { stepsOf } from '../../../factory/transcript/steps.ts';
import { expecting } from '../../../lib/errno.ts';
import { isFailure } from '../../../lib/failure.ts';

/** What a project is at, at one moment. */
export interface WorkLook {
  project: Project;
  /** `undefined` once every persona is done. */
  agent: AgentState | undefined;
  taskTitle?: string;
  /** Of its task list: those that nothing is left to do for, and all. */
  tasks: { settled: number; total: number };
  /** The model that was asked last. */
  model?: string;
  /** The call that runs now, or was made last. */
  atHand?: string;
  /** What is committed; `null` where nobody knows. */
  diff: DiffFigures | null;
  /** USD by the ledger, which is ahead of the project's own figure. */
  cost: number;
}

export interface LookDeps {
  state: StateStore;
  git: Pick<GitManager, 'branchHead' | 'diffFigures'>;
}

/** Between two looks at a branch: git is a process each time. Milliseconds. */
const DIFF_INTERVAL = 3_000;

/** @returns looks at a project; what is dear to find is kept for a while */
export function createWorkLook({ state, git }: LookDeps): (id: string) => Promise<WorkLook> {
  const diffs = new Map<string, { at: number; status: string; diff: DiffFigures | null }>();

  async function diffOf(project: Project): Promise<DiffFigures | null> {
    const known = diffs.get(project.id);
    const { status } = project;
    const isRecent = known?.status === status && performance.now() - known.at < DIFF_INTERVAL;
    if (isRecent) return known.diff;
    const diff = project.prepared
      ? await alongBranch(git, project, (...range) => git.diffFigures(...range))
      : null;
    diffs.set(project.id, { at: performance.now(), status, diff });
    return diff;
  }

  return async (id) => {
    const project = await state.project(id).get();
    const agents = await readAgents(state, project);
    const agent = agents.find(({ status }) => status !== 'completed');
    const [{ tasks }, { totalSpent }, diff, now] = await Promise.all([
      state.tasks(id).get(),
      treeCosts(state, id),
      diffOf(project),
      agent === undefined ? {} : callNow(state, project, agent),
    ]);
    const task = tasks.find((each) => each.id === agent?.currentTask);
    const settled = tasks.filter(({ status }) => status === 'completed' || status === 'skipped').length;
    return {
      ...{ project, agent, diff, cost: totalSpent, tasks: { settled, total: tasks.length } },
      ...(task === undefined ? {} : { taskTitle: task.title }),
      ...now,
    };
  };
}

/** The branches that a project waits for, as far as they are made, with those that they wait for themselves below them. */
export async function lookAtBranches(
  look: (id: string) => Promise<WorkLook>,
  project: Project,
): Promise<WorkLook[]> {
  const branches = openFork(project)?.branches ?? [];
  const below = await Promise.all(
    branches.map(async ({ projectId }) => {
      // A fork that is being made names its branches before they are there.
      const branch = await look(projectId).catch(
        expecting((error) => isFailure(error, 'project_not_found'), null),
      );
      return branch === null ? [] : [branch, ...(await lookAtBranches(look, branch.project))];
    }),
  );
  return below.flat();
}

async function callNow(
  state: StateStore,
  project: Project,
  { projectId, personaName, nextStep, status }: AgentState,
): Promise<Pick<WorkLook, 'model' | 'atHand'>> {
  const entries = await state.journal(projectId, personaName).entries();
  const model = entries.findLast((entry) => entry.type === 'request')?.model;
  const newest = stepsOf(
    personaName,
    // What a child took over was at hand in its parent.
    entries.filter(({ step, at }) => step >= nextStep - 1 && at >= project.createdAt.toISOString()),
  );
  const isAtWork = project.status === 'active' && status !== 'waiting_for_quality';
  const calls = !isAtWork ? [] : newest.flatMap((step) => step.calls);
  const begun = calls.filter(({ startedAt, result }) => startedAt !== undefined || result !== undefined);
  const call = begun.at(-1)?.call;
  return {
    ...(model === undefined ? {} : { model }),
    ...(call === undefined ? {} : { atHand: callText(call.name, call.arguments) }),
  };
}
