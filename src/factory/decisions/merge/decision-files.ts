import type { Config } from '../../config/config.ts';
import type { Fork } from '../../model/fork.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { branchFigures } from '../tree/figures.ts';
import { projectOrNull } from '../tree/tree.ts';
import { decisionRecord } from './record.ts';

const NUMBERED = /^docs\/decisions\/(\d{4})-/;

/** The record of a decision, where the owner wants it committed; its number follows those that the branches have. */
export async function decisionFiles(
  { config, state, git }: { config: Pick<Config, 'decisions'>; state: StateStore; git: GitManager },
  project: Project,
  fork: Fork,
): Promise<Record<string, string>> {
  if (!config.decisions.record) return {};
  const children = await Promise.all(fork.branches.map((branch) => projectOrNull(state, branch.projectId)));
  const there = children.filter((child) => child !== null);
  const figures = await Promise.all(there.map((child) => branchFigures({ state, git }, child)));
  const chosen = fork.branches.find(({ projectId }) => projectId === fork.choice?.projectId);
  const heads = [project.workBranch, ...(chosen === undefined ? [] : [chosen.workBranch])];
  const paths = await Promise.all(heads.map(async (branch) => git.listFiles(project.repository, branch)));
  const numbers = paths.flat().map((path) => Number(NUMBERED.exec(path)?.[1] ?? 0));
  const { path, text } = decisionRecord(fork, figures, Math.max(0, ...numbers) + 1);
  return { [path]: text };
}
