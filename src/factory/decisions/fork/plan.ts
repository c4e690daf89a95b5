import { DarkFactoryError } from '../../../lib/failure.ts';
import type { NewId } from '../../../lib/ids.ts';
import { summariseCosts } from '../../finance/books/costs.ts';
import { activeTime } from '../../model/active-time.ts';
import type { AgentState, Decision } from '../../model/agent.ts';
import type { Fork } from '../../model/fork.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { readCap } from '../budget/cap.ts';
import { shares } from '../budget/shares.ts';

export interface PlanDeps {
  state: Pick<StateStore, 'costs' | 'listOpenProjects' | 'project'>;
  git: Pick<GitManager, 'head' | 'generateChildBranchName'>;
  now(): Date;
  newId: NewId;
}

/**
 * Everything about a fork that is decided once: the children's ids and branch names, the commit that they begin with, and
 * their shares. Written down before anything is made of it, so that whoever goes on after a crash makes the same.
 *
 * @param agents all of the project's, for its active time
 * @param decision a pending one; no call of the project is on its way
 * @returns the plan, and the cap that it was made of: where the project has another by now, it does not count
 * @throws DarkFactoryError `failed`/`budget_spent` when there is nothing left to share
 */
export async function planFork(
  { state, git, now, newId }: PlanDeps,
  project: Project,
  agents: readonly AgentState[],
  persona: string,
  decision: Decision,
): Promise<{ plan: Fork; of: number | undefined }> {
  const labels = decision.explored ?? [];
  const options = labels.flatMap((label) => decision.options.filter((option) => option.label === label));
  const { project: capped, own } = await readCap(state, project.id, now());
  const { totalSpent, possibleSpent } = summariseCosts(project.id, await state.costs(project.id).readAll());
  const share = shares(
    {
      time: Math.max(0, project.maxRuntime - activeTime(project, agents)),
      ...(own === undefined ? {} : { budget: Math.max(0, own - totalSpent - possibleSpent) }),
    },
    options.length,
  );
  if (share.budget === 0) {
    throw new DarkFactoryError(
      'failed',
      'budget_spent',
      `The budget of ${project.name} leaves nothing for its branches`,
      `Raise it: df resume ${project.id.slice(0, 8)} --budget USD.`,
    );
  }
  const commit = await git.head(project.repository, project.worktreePath);
  const taken = new Set((await state.listOpenProjects()).map(({ workBranch }) => workBranch));
  const branches: Fork['branches'] = [];
  for (const { label, description, confidence } of options) {
    const workBranch = await git.generateChildBranchName(
      project.repository,
      project.workBranch,
      label,
      taken,
    );
    taken.add(workBranch);
    branches.push({ projectId: newId(), option: label, description, confidence, workBranch, ...share });
  }
  const { id: decisionId, question, confidence } = decision;
  return {
    plan: { decisionId, persona, question, confidence, commit, at: now(), phase: 'planned', branches },
    of: capped.settings.budget,
  };
}
