import { basename, dirname, join, resolve } from 'node:path';
import { expecting } from '../../lib/errno.ts';
import { DarkFactoryError, isFailure, usageError } from '../../lib/failure.ts';
import type { NewId } from '../../lib/ids.ts';
import { slug } from '../../lib/text/slug.ts';
import { branchLineage, projectOrNull } from '../decisions/tree/tree.ts';
import type { Project } from '../model/project.ts';
import type { GitManager, StateStore } from '../ports.ts';

/**
 * The specification's GitManager (§4.3) by its own names. No method of it pushes, takes a hook or filter of the repository along, or
 * removes a branch. All throw `environment`/`git_missing`, `usage`/`not_a_repository`, and `failed`/`git_failed`.
 */
export interface GitApi {
  /**
   * Makes a branch where `basePath` stands, and a worktree of it from which nothing can be pushed, in a folder of the home.
   *
   * @param basePath any folder of the owner's repository, or a worktree
   * @param branchName a new one: letters, digits, hyphens and slashes
   * @returns the folder, absolute. It stays until `deleteWorktree`; no clean-up takes it
   * @throws DarkFactoryError `usage`: `unsafe_branch_name`; `failed`: `branch_taken`
   */
  createWorktree(basePath: string, branchName: string): Promise<string>;
  /**
   * Removes a worktree of the factory with all that is not committed in it. Never its branch.
   *
   * @throws DarkFactoryError `usage`: `not_a_worktree`; `worktree_in_use` for that of a project that has not ended
   */
  deleteWorktree(worktreePath: string): Promise<void>;
  /** Makes a branch at the worktree's commit, without leaving the one that is checked out. Throws as `createWorktree`. */
  createBranch(worktreePath: string, branchName: string): Promise<void>;
  /**
   * Commits everything in the worktree, with the factory's trailers, after looking it through for keys.
   *
   * @returns the commit; where there is nothing to commit, the one that is checked out
   * @throws DarkFactoryError `environment`/`secrets_found`, `usage`/`not_a_worktree`
   */
  commitChanges(worktreePath: string, message: string): Promise<string>;
  /** Sets up again what keeps a worktree from pushing; the owner's own pushes go on working. */
  preventPush(worktreePath: string): Promise<void>;
  /** Is it whole: registered, linked both ways, on its branch, and refusing pushes? */
  validateWorktree(worktreePath: string): Promise<boolean>;
  /**
   * The branches that led to the branch of a project, the root's first and itself last. A branch of a project's repository on which no
   * project works stands alone. Throws `not_found`/`branch_not_found`.
   */
  getBranchLineage(branchName: string): Promise<string[]>;
  /** `<parent>--<slug of context>`: beside the parent's ref, safe for shell, ref and files. Whether it is free, making it tells. */
  generateBranchName(parent: string, context: string): string;
}

export interface GitApiDeps {
  git: GitManager;
  state: Pick<StateStore, 'project' | 'listSummaries'>;
  /** Where worktrees lie. */
  worktrees: string;
  newId: NewId;
  childName(parent: string, context: string): string;
}

export function createGitApi(deps: GitApiDeps): GitApi {
  const { git, state } = deps;

  /** A worktree by any path into it, its repository, and its project where it is that of one. */
  async function find(path: string): Promise<{ repository: string; worktree: string; project?: Project }> {
    const worktree = resolve(path);
    // By the project: what an agent could write into the folder counts for nothing.
    const project = await projectOf(worktree);
    if (project !== null) return { repository: project.repository, worktree: project.worktreePath, project };
    const { commonDir, root } = await git.inspectRepository(worktree);
    const whose = await projectOf(root);
    if (whose !== null) return { repository: whose.repository, worktree: whose.worktreePath, project: whose };
    const repository = checkoutOf(commonDir) ?? root;
    if (repository !== root || checkoutOf(commonDir) === null) return { repository, worktree: root };
    throw usageError(
      'not_a_worktree',
      `${path} is the checkout of its owner, not a worktree of the factory`,
      'Give a folder that createWorktree returned, or the worktreePath of a project.',
    );
  }

  /** A project's worktree bears its id. */
  function projectOf(folder: string): Promise<Project | null> {
    return projectOrNull(state, basename(folder));
  }

  return {
    async createWorktree(basePath, branchName) {
      const { root, commonDir } = await git.inspectRepository(basePath);
      const commit = await git.resolveCommit(root, 'HEAD');
      const repository = checkoutOf(commonDir) ?? root;
      await refuseTaken(repository, branchName);
      const worktree = join(deps.worktrees, `${slug(branchName)}-${deps.newId().slice(0, 8)}`);
      await git.createWorktree({ repository, worktree, branch: branchName, commit });
      return worktree;
    },
    async deleteWorktree(worktreePath) {
      const { repository, worktree, project } = await find(worktreePath);
      if (project !== undefined && !project.settled)
        throw usageError(
          'worktree_in_use',
          `${worktreePath} is the worktree of a project that has not ended`,
          'End the project first: terminateProject, or df stop.',
        );
      await git.deleteWorktree(repository, worktree);
    },
    async createBranch(worktreePath, branchName) {
      const { repository, worktree } = await find(worktreePath);
      await refuseTaken(repository, branchName);
      await git.createBranch(repository, branchName, await git.head(repository, worktree));
    },
    async commitChanges(worktreePath, message) {
      const { repository, worktree, project } = await find(worktreePath);
      const trailers = { project: project?.id ?? 'none', step: `owner/${deps.newId()}` };
      const made = await git.commitChanges(repository, worktree, message, trailers);
      return made ?? git.head(repository, worktree);
    },
    async preventPush(worktreePath) {
      const { repository, worktree } = await find(worktreePath);
      await git.preventPush(repository, worktree);
    },
    async validateWorktree(worktreePath) {
      try {
        const { repository, worktree } = await find(worktreePath);
        return await git.validateWorktree(repository, worktree);
      } catch (error) {
        if (error instanceof DarkFactoryError && error.kind === 'usage') return false;
        throw error;
      }
    },
    async getBranchLineage(branchName) {
      const line = await branchLineage(state, branchName);
      if (line !== null) return line;
      if (await isBranch(branchName)) return [branchName];
      throw new DarkFactoryError(
        'not_found',
        'branch_not_found',
        `There is no branch ${JSON.stringify(branchName.slice(0, 200))} in the repository of any project`,
        'See df list for the branches of all projects.',
      );
    },
    generateBranchName: deps.childName,
  };

  /** Does a repository of any project have it? One that cannot be looked at does not. */
  async function isBranch(branch: string): Promise<boolean> {
    const { projects } = await state.listSummaries();
    for (const repository of new Set(projects.map((each) => each.repository)))
      if ((await git.branchHead(repository, branch).catch(expecting(isFailure, null))) !== null) return true;
    return false;
  }

  async function refuseTaken(repository: string, branch: string): Promise<void> {
    if ((await git.branchHead(repository, branch)) === null) return;
    throw new DarkFactoryError(
      'failed',
      'branch_taken',
      `There is a branch ${JSON.stringify(branch.slice(0, 200))} already`,
      'Give another name; generateBranchName makes one.',
    );
  }
}

/** The owner's checkout that a common git dir is of, where it lies beside it. */
function checkoutOf(commonDir: string): string | null {
  return basename(commonDir) === '.git' ? dirname(commonDir) : null;
}
