import { DarkFactoryError, usageError } from '../../../lib/failure.ts';
import type { Config } from '../../config/config.ts';
import { projectOrNull } from '../../decisions/tree/tree.ts';
import { baseTree, projectEcosystem } from '../../gates/run/commands.ts';
import { planGates } from '../../gates/run/gate-plan.ts';
import type { Project } from '../../model/project.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import { provedCommit } from '../apply.ts';
import type { NewProject } from './new-project.ts';

interface StandDeps {
  state: Pick<StateStore, 'project'>;
  git: Pick<GitManager, 'branchHead' | 'listFiles' | 'showFile'>;
  config: Pick<Config, 'gates' | 'worktree' | 'sandbox'>;
}

/**
 * Has a project begin where the one that it stands on has come to: at its proved commit or, where its owner had it begin all the same, at
 * its branch as it is. Gates are pinned to that commit. Of a project that stands on none, or has begun, nothing is changed.
 *
 * Throws `environment`/`branch_missing`, and as `planGates`.
 */
export async function standOn({ state, git, config }: StandDeps, project: Project): Promise<Project> {
  const { on, onCommit, id, repository } = project;
  if (on === undefined || onCommit !== undefined) return project;
  const below = await projectOrNull(state, on);
  const commit = below === null ? null : await tipOf(git, below);
  if (below === null || commit === null) throw noBranch(project, below);
  const based = { ...project, baseCommit: commit };
  const paths = await git.listFiles(repository, commit);
  const plan = await planGates(
    config,
    based,
    await projectEcosystem(git, based),
    baseTree(git, based, paths),
  );
  return state.project(id).update((current) => ({
    ...current,
    ...{ baseCommit: commit, onCommit: commit, baseBranch: below.workBranch },
    settings: { ...current.settings, notChecked: plan.notChecked },
  }));
}

/** Where the branch of a project has come to, as far as it is proved if it is. */
async function tipOf(git: Pick<GitManager, 'branchHead'>, project: Project): Promise<string | null> {
  return provedCommit(project) ?? (await git.branchHead(project.repository, project.workBranch));
}

/** The project that a new one is to stand on, and where its branch is by now. Throws `usage`: `base_and_on`, `other_repository`. */
export async function findBelow(
  { state, git }: Pick<StandDeps, 'state' | 'git'>,
  { on, base }: Pick<NewProject, 'on' | 'base'>,
  repository: string,
): Promise<{ branch: string; commit: string } | null> {
  if (on === undefined) return null;
  if (base !== undefined)
    throw usageError('base_and_on', 'A base and a project to stand on were given', 'Give one of the two.');
  const project = await state.project(on).get();
  if (project.repository !== repository)
    throw usageError(
      'other_repository',
      `${project.name} (${on.slice(0, 8)}) is a project of ${project.repository}, and this one would be of ${repository}`,
      'A project can stand on one of the same repository alone.',
    );
  return { branch: project.workBranch, commit: (await tipOf(git, project)) ?? project.baseCommit };
}

/** What a new project remembers of its place in the backlog. Throws `not_found` for projects that are not there. */
export async function turnOf(
  state: Pick<StateStore, 'project'>,
  { priority, after = [], on }: Pick<NewProject, 'priority' | 'after' | 'on'>,
): Promise<Pick<Project, 'priority' | 'after' | 'on'>> {
  const before = [...new Set([...after, ...(on === undefined ? [] : [on])])];
  for (const id of before) await state.project(id).get();
  return {
    ...(priority === undefined ? {} : { priority }),
    ...(before.length === 0 ? {} : { after: before }),
    ...(on === undefined ? {} : { on }),
  };
}

function noBranch({ on = '' }: Project, below: Project | null): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'branch_missing',
    `The project that this one stands on (${below?.name ?? on.slice(0, 8)}) has no branch any more`,
    'Put its branch back and df resume, or make a project that stands on none.',
  );
}
