import type { SecretFinding } from '../model/secrets/secrets-found.ts';
import type { GitPush } from './git-push.ts';
import type { GitScratch } from './git-scratch.ts';

export interface Repository {
  /** Top folder of the owner's checkout. */
  root: string;
  /** The common git dir, absolute. */
  commonDir: string;
  /** Branch of the checkout, `null` when HEAD is detached. */
  branch: string | null;
  /** The checkout holds changes that are not committed. Never touched, only mentioned. */
  dirty: boolean;
}

export interface CommitTrailers {
  project: string;
  /** `<persona>/<step>/<call>`: a step that finds its own commit does not commit again, so it names one act alone. */
  step: string;
  task?: string;
}

export interface DiffFigures {
  commits: number;
  files: number;
  insertions: number;
  deletions: number;
}

/** A file that a commit was made without, because it holds keys. */
export interface LeftOutFile {
  path: string;
  text: string;
  findings: readonly SecretFinding[];
}

export interface MergeOrder {
  repository: string;
  /** The commit whose history goes on: first parent. */
  ours: string;
  theirs: string;
  message: string;
  trailers: CommitTrailers;
  /** Path to text, added to the merged tree (decision records). */
  files?: Readonly<Record<string, string>>;
  /** One commit on `ours` that holds it all, instead of a merge. */
  squash?: boolean;
}

/** What is to be merged into the branch that is checked out in the owner's repository. */
export interface ApplyOrder extends Pick<MergeOrder, 'repository' | 'message' | 'trailers'> {
  commit: string;
  squash: boolean;
}

/** The branch that was checked out, and the commits that it stood and stands at: the same when it held all of it. */
export interface Applied {
  branch: string;
  from: string;
  to: string;
}

export type MergeResult = { kind: 'merged'; commit: string } | { kind: 'conflict'; files: string[] };

/** Lines of one file; a binary file counts none. */
export interface FileFigures {
  path: string;
  insertions: number;
  deletions: number;
  binary?: true;
}

/** A commit with what its trailers say of it, and the files that it changed. */
export interface HistoryCommit {
  hash: string;
  task: string | null;
  /** `<persona>/<step>/<call>` of the agent that made it. */
  step: string | null;
  files: string[];
}

/** The specification's GitManager (§4.3); all of it outside the sandbox, none of it runs what an agent wrote. */
export interface GitManager extends GitPush, GitScratch {
  /** Throws `usage` errors: `not_a_repository`, `bare_repository`, `no_commits`, `git_missing` (`environment`). */
  inspectRepository(folder: string): Promise<Repository>;
  /** Throws `usage`/`base_branch_missing`. */
  resolveCommit(repository: string, reference: string): Promise<string>;
  /** Text of a file at a commit, `null` when it is not there or larger than 1 MiB. */
  showFile(repository: string, commit: string, path: string): Promise<string | null>;
  listFiles(repository: string, commit: string): Promise<string[]>;
  /** The id of each file's content at a commit, by path. */
  fileIds(repository: string, commit: string): Promise<ReadonlyMap<string, string>>;
  /** The same manager for many questions about one moment: what it is told of a repository once, it does not ask again. */
  atOneMoment(): Promise<GitManager>;
  generateBranchName(
    repository: string,
    projectName: string,
    date: Date,
    taken: ReadonlySet<string>,
  ): Promise<string>;
  /**
   * `<parent branch>--<slug of context>`: beside the parent's ref, never below it. Safe for shell, ref and file system
   * whatever the context is, at most 120 characters, and unique, letter case aside, against the refs there are and `taken`.
   * Of a deep name the middle is shortened to a hash.
   */
  generateChildBranchName(
    repository: string,
    parentBranch: string,
    context: string,
    taken: ReadonlySet<string>,
  ): Promise<string>;
  /** Commit a branch stands at; `null` when `refs/heads/<branch>` is not there. */
  branchHead(repository: string, branch: string): Promise<string | null>;
  /** Makes a branch at a commit and checks it out nowhere. Throws `usage`/`unsafe_branch_name`, `failed`/`branch_taken`. */
  createBranch(repository: string, branch: string, commit: string): Promise<void>;
  /** Makes branch and worktree, or repairs them: calling it again is harmless. Includes `preventPush`. */
  createWorktree(options: {
    repository: string;
    worktree: string;
    branch: string;
    commit: string;
  }): Promise<void>;
  /**
   * Whether anything lies in a worktree that its removal could lose: then it is to be committed first. Not whether it is sound:
   * what cannot be committed is not removed.
   *
   * Throws `failed`/`worktree_unsaved` when work lies beside it, where no commit finds it.
   */
  holdsWork(repository: string, worktree: string): Promise<boolean>;
  /**
   * Removes the worktree (not the branch) and, with the last one, the factory's traces in the configuration. Whatever lies in
   * it goes: `removeWorktree` saves that first.
   */
  deleteWorktree(repository: string, worktree: string): Promise<void>;
  validateWorktree(repository: string, worktree: string): Promise<boolean>;
  preventPush(repository: string, worktree: string): Promise<void>;
  /** Tries a push to a scratch remote and says for each layer whether it refused. */
  tryPush(
    repository: string,
    worktree: string,
  ): Promise<{ layer: string; refused: boolean; detail: string }[]>;
  /**
   * Commits everything in the worktree. `null` when there is nothing to commit. A commit with the same `step` trailer that
   * is already on the branch is returned as it is.
   *
   * New and changed files are looked through for keys first. Throws `SecretsFound`, unless `leaveOut` is given: then files
   * with keys stay as the branch has them, and it is told which. In the same way what cannot be read (a closed folder,
   * a path longer than the system allows) throws `failed`/`unreadable_files`, unless `onUnreadable` is given. A file that git
   * refuses (for its encoding, say, or as a filter fails) stays out, and many of them throw the same, as does a huge one that
   * git takes too long over; with `onUnreadable` they throw `failed`/`worktree_unsaved` once everything else is committed.
   */
  commitChanges(
    repository: string,
    worktree: string,
    message: string,
    trailers: CommitTrailers,
    leaveOut?: (files: LeftOutFile[]) => void,
    onUnreadable?: (what: string) => void,
  ): Promise<string | null>;
  /** Removes a branch that stands at this commit. Throws `failed`/`branch_in_use` where it is checked out, or stands elsewhere by now. */
  deleteBranch(repository: string, branch: string, commit: string): Promise<void>;
  /**
   * The merge of two commits as a commit that no ref points to. No worktree changes; no hook, filter or merge driver runs.
   * A commit that already holds the other is merged all the same, with the tree of the one that holds more.
   *
   * Throws `failed`: `unrelated_commits`, `merge_path_taken` (one of `files` cannot lie where the merge has a file or folder).
   */
  mergeCommits(order: MergeOrder): Promise<MergeResult>;
  /**
   * Merges a commit into the branch that is checked out in the owner's repository, which has to be clean; see `src/git/merge/apply.ts`. Where
   * it throws, branch, index and files are as before.
   */
  applyCommit(order: ApplyOrder): Promise<Applied>;
  /**
   * Moves the worktree's branch and files from the commit `from` to its descendant `to`. Safe to repeat, also after a crash
   * half-way; `commitChanges` ends a half-done one first. Files that git ignores give way, as in any checkout.
   *
   * @returns `moved` when the branch stands elsewhere, `dirty` when the worktree holds changes that are not committed and not
   *   those of a half-done advance; nothing was changed then
   *
   * Throws `failed`: `not_a_descendant`, `worktree_missing`, `worktree_off_branch`.
   */
  advanceBranch(
    repository: string,
    worktree: string,
    from: string,
    to: string,
  ): Promise<'advanced' | 'moved' | 'dirty'>;
  head(repository: string, worktree: string): Promise<string>;
  /** Hash over tracked, changed and new files of the worktree: same content, same hash. Cheap enough for every turn. */
  treeHash(repository: string, worktree: string): Promise<string>;
  diffFigures(repository: string, from: string, to: string): Promise<DiffFigures>;
  /** Every file that differs between two commits, by path. */
  diffStat(repository: string, from: string, to: string): Promise<FileFigures[]>;
  changedFiles(repository: string, from: string, to: string): Promise<string[]>;
  /** The patch between two commits, at most so many bytes of it: 1 MiB where nothing is said. */
  diff(repository: string, from: string, to: string, mostBytes?: number): Promise<string>;
  /** The newest commit that two have in common, as far as there is one. */
  commonCommit(repository: string, one: string, other: string): Promise<string | null>;
  /**
   * Makes a repository at `folder` that holds two commits with all their files, as its branches `base` and `head`, and no history.
   * The other repository is only read.
   */
  copyCommits(order: { repository: string; folder: string; base: string; head: string }): Promise<void>;
  log(
    repository: string,
    from: string,
    to: string,
    limit: number,
  ): Promise<{ hash: string; subject: string }[]>;
  /** For each filled submodule of a tree: the file that is to stand as its `.git`, and where. */
  submodulePointers(repository: string, worktree: string): Promise<{ source: string; path: string }[]>;
  /** Settings of the owner's own configuration, outside any repository, that decide how files look to git. */
  ownSettings(): Promise<{ key: string; value: string }[]>;
  /** What a worktree of the commit would lack, and what to do: sentences for the owner. */
  checkoutProblems(repository: string, commit: string): Promise<string[]>;
  /** Paths of a worktree that git does not track, ignored ones included; a folder of such alone ends in `/`. */
  listUntracked(repository: string, worktree: string): Promise<string[]>;
  /** Whether git ignores a path of a worktree. */
  isIgnored(repository: string, worktree: string, path: string): Promise<boolean>;
  /** Commits after `from`, oldest first. */
  history(repository: string, from: string, to: string): Promise<HistoryCommit[]>;
  /** How many commits come after `from`; `null`: how many there are. */
  countCommits(repository: string, from: string | null, to: string): Promise<number>;
}
