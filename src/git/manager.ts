import type { Config } from '../factory/config/config.ts';
import type { GitManager } from '../factory/ports.ts';
import { commitChanges } from './commit/commit.ts';
import { createSecretScan } from './commit/secrets.ts';
import { signingOf } from './commit/signing.ts';
import {
  branchHead,
  deleteBranch,
  generateBranchName,
  generateChildBranchName,
  refNames,
} from './history/branch.ts';
import { commonCommit, copyCommits } from './history/copy.ts';
import { countCommits, history } from './history/history.ts';
import { inspectRepository, resolveCommit } from './history/inspect.ts';
import { atOneMoment } from './history/one-moment.ts';
import {
  changedFiles,
  diff,
  diffFigures,
  diffStat,
  fileIds,
  head,
  isIgnored,
  listFiles,
  log,
  showFile,
} from './history/read.ts';
import { treeHash } from './history/tree.ts';
import { advanceBranch } from './merge/advance.ts';
import { applyCommit } from './merge/apply.ts';
import { mergeCommits } from './merge/merge.ts';
import {
  createScratchTree,
  listScratchTree,
  listUntracked,
  removeScratchTree,
  restoreScratchTree,
} from './merge/scratch.ts';
import { pushBranch } from './publish/push-branch.ts';
import { pushTarget } from './publish/remote.ts';
import { scanCommits } from './publish/scan-commits.ts';
import { createGit } from './run/git.ts';
import { ownSettings } from './run/own-settings.ts';
import { requireWorktree } from './run/places.ts';
import { remembered } from './run/remembered.ts';
import type { GitRunnerOptions } from './run/run.ts';
import { checkoutProblems } from './worktree/checkout-problems.ts';
import { deleteWorktree, holdsWork } from './worktree/delete.ts';
import { submodulePointers } from './worktree/submodules.ts';
import { tryPush } from './worktree/try-push.ts';
import { createBranch, createWorktree, preventPush, validateWorktree } from './worktree/worktree.ts';

/** Lists of files kept: of a project mostly its base commit, and the commit at hand. */
const LISTS = 16;
/** Figures kept: overviews and watchers ask again and again for those of branches that stand where they stood. */
const FIGURES = 1_024;
/** Texts kept: a gate reads the same few (manifests, test files) of the same two commits a dozen times. Longer ones are read again. */
const TEXTS = 256;
const LONGEST_TEXT = 32 * 1024;

export interface GitManagerOptions extends Partial<GitRunnerOptions> {
  /** Is told what a commit had to leave out (names that git cannot hold), with the reason. Default: nobody. */
  onNote?(text: string): void;
  /** Default: every commit is scanned, nothing is allowed. */
  secrets?: Config['secrets'];
  /** Default: commits are not signed. */
  signing?: Config['git'];
}

/**
 * The factory's git. Default environment: this process's, of which only PATH, HOME and the place of the owner's git
 * configuration are used.
 *
 * Every method may throw `environment`/`git_missing`, `usage`/`not_a_repository`, and `failed`: `git_failed`,
 * `git_timeout`, `git_aborted`, `git_busy`, `git_locked`, `disk_full`.
 */
export function createGitManager(options: GitManagerOptions = {}): GitManager {
  const env = options.env ?? process.env;
  const git = createGit({ ...options, env });
  const signing = options.signing === undefined ? null : signingOf(options.signing, env);
  const onNote = options.onNote ?? (() => {});
  const secrets = options.secrets ?? { scan: true, allow: [] };
  const look = createSecretScan(secrets);
  const scan = secrets.scan ? look : null;
  const files = remembered((repository, commit = '') => listFiles(git, repository, commit), {
    most: LISTS,
  });
  const ids = remembered((repository, commit = '') => fileIds(git, repository, commit), { most: LISTS });
  const texts = remembered((repository, commit = '', path = '') => showFile(git, repository, commit, path), {
    most: TEXTS,
    commits: 1,
    keeps: (text) => text === null || text.length <= LONGEST_TEXT,
  });
  const changes = remembered((repository, from = '', to = '') => changedFiles(git, repository, from, to), {
    most: LISTS,
  });
  const figures = remembered((repository, from = '', to = '') => diffFigures(git, repository, from, to), {
    most: FIGURES,
  });
  const manager: GitManager = {
    atOneMoment: async () => atOneMoment(manager, (repository) => refNames(git, repository)),
    inspectRepository: (folder) => inspectRepository(git, folder),
    resolveCommit: (repository, reference) => resolveCommit(git, repository, reference),
    showFile: (repository, commit, path) => texts(repository, commit, path),
    listFiles: async (repository, commit) => [...(await files(repository, commit))],
    fileIds: (repository, commit) => ids(repository, commit),
    generateBranchName: (repository, projectName, date, taken) =>
      generateBranchName(git, repository, projectName, date, taken),
    generateChildBranchName: (repository, parentBranch, context, taken) =>
      generateChildBranchName(git, repository, parentBranch, context, taken),
    branchHead: (repository, branch) => branchHead(git, repository, branch),
    deleteBranch: (repository, branch, commit) => deleteBranch(git, repository, branch, commit),
    createBranch: (repository, branch, commit) => createBranch(git, { repository, branch, commit }),
    createWorktree: (order) => createWorktree(git, order),
    holdsWork: (repository, worktree) => holdsWork(git, repository, worktree),
    deleteWorktree: (repository, worktree) => deleteWorktree(git, repository, worktree),
    validateWorktree: (repository, worktree) => validateWorktree(git, repository, worktree),
    preventPush: (repository, worktree) => preventPush(git, repository, worktree),
    tryPush: (repository, worktree) => tryPush(git, repository, worktree),
    pushTarget: (repository, base, remote) => pushTarget(git, repository, base, remote),
    pushBranch: (order) => pushBranch(git, env, order),
    secretsIn: (repository, from, to) => scanCommits(git, repository, from, to, look),
    commitChanges: (repository, worktree, message, trailers, leaveOut, onUnreadable) =>
      commitChanges(git, {
        repository,
        worktree,
        message,
        trailers,
        onNote,
        scan,
        signing,
        leaveOut,
        onUnreadable,
      }),
    commonCommit: (...args) => commonCommit(git, ...args),
    copyCommits: (order) => copyCommits(git, order),
    mergeCommits: (order) => mergeCommits(git, order, signing),
    applyCommit: (order) => applyCommit(git, order, signing),
    advanceBranch: (repository, worktree, from, to) => advanceBranch(git, repository, worktree, from, to),
    head: (repository, worktree) => head(git, repository, worktree),
    treeHash: (repository, worktree) => treeHash(git, repository, worktree),
    diffFigures: async (repository, from, to) => ({ ...(await figures(repository, from, to)) }),
    diffStat: (repository, from, to) => diffStat(git, repository, from, to),
    changedFiles: async (repository, from, to) => [...(await changes(repository, from, to))],
    diff: (repository, from, to, mostBytes) => diff(git, repository, from, to, mostBytes),
    createScratchTree: (order) => createScratchTree(git, order),
    restoreScratchTree: (repository, folder, unwanted) =>
      restoreScratchTree(git, repository, folder, unwanted),
    listScratchTree: (repository, folder) => listScratchTree(git, repository, folder),
    removeScratchTree: (repository, folder) => removeScratchTree(git, repository, folder),
    isIgnored: (repository, worktree, path) => isIgnored(git, repository, worktree, path),
    submodulePointers: async (repository, folder) =>
      submodulePointers(await requireWorktree(repository, folder)),
    checkoutProblems: (repository, commit) => checkoutProblems(git, repository, commit, env),
    ownSettings: () => ownSettings(git),
    listUntracked: (repository, worktree) => listUntracked(git, repository, worktree),
    log: (repository, from, to, limit) => log(git, repository, from, to, limit),
    history: (repository, from, to) => history(git, repository, from, to),
    countCommits: (repository, from, to) => countCommits(git, repository, from, to),
  };
  return manager;
}
