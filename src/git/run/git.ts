import { createTurns, type Turns } from '../../lib/async/turns.ts';
import { createAnswers } from '../../lib/lru.ts';
import { createProcesses, type Processes } from '../../lib/process/process.ts';
import { despiteTraps } from '../traps/despite-traps.ts';
import { createBlobs, type OnRepository, type ReadBlob } from './blobs.ts';
import { type ConfigReader, createConfigReader, type RepositoryConfig } from './config.ts';
import { createLookUp, type LookUp, type TreeEntries } from './entries.ts';
import { expectSuccess } from './failures.ts';
import type { GitDirs, Worktree } from './places.ts';
import { createRunGit, type GitAnswer, type GitCall, type GitRunnerOptions, type RunGit } from './run.ts';

/** Commits whose files are kept in mind, of which `tree-entries.ts` leaves out large ones: a dozen megabytes at the most. */
const KEPT_TREES = 8;
/** Commits whose trees' ids are kept in mind, two hundred bytes each. */
const KEPT_TREE_IDS = 1_000;
/** Worktrees whose commits' last paragraphs are kept in mind: some hundred bytes a commit. */
const KEPT_MESSAGES = 16;

/** git, bound to the environment of this program. Every call on a repository carries the guards against its filters. */
export interface Git {
  /** Without a repository, or looking for one. */
  bare: RunGit;
  /** On a repository's objects and refs. */
  repository: OnRepository;
  /** On a worktree of the factory: explicit git dir and work tree. */
  worktree(worktree: Worktree, args: readonly string[], call?: GitCall): Promise<GitAnswer>;
  config(dirs: GitDirs): Promise<RepositoryConfig>;
  /** Contents of files. */
  blobs: ReadBlob;
  /** What commits hold at paths, folders included, for `tree-entries.ts`. */
  entries: LookUp;
  /** What commits hold, likewise. */
  trees: ReturnType<typeof createAnswers<TreeEntries | null>>;
  /** The trees of commits, by git dir and commit. */
  treeIds: ReturnType<typeof createAnswers<string>>;
  /** Hash and last paragraph of each commit of a worktree, by git dir, base and last commit. */
  messages: ReturnType<typeof createAnswers<(readonly [string, string])[]>>;
  /** Tells that the lock file of a dead git was removed. */
  staleLock(file: string): void;
  processes: Processes;
  inTurn: Turns;
}

export function createGit(options: GitRunnerOptions): Git {
  const run = createRunGit(options);
  const reader: ConfigReader = createConfigReader(run, options.env);
  const guarded = async (dirs: GitDirs, args: readonly string[], call: GitCall) => {
    const { guards } = await reader.read(dirs.gitDir, dirs.commonDir);
    return run(args, { ...call, gitDir: dirs.gitDir, config: [...guards, ...(call.config ?? [])] });
  };
  const repository: OnRepository = (dirs, args, call = {}) => guarded(dirs, args, call);
  return {
    bare: run,
    repository,
    blobs: createBlobs(repository),
    entries: createLookUp(repository),
    worktree: (worktree, args, call = {}) =>
      despiteTraps(worktree, (end) =>
        guarded(dirsOf(worktree), args, { workTree: worktree.folder, ...call, end }),
      ),
    config: (dirs) => reader.read(dirs.gitDir, dirs.commonDir),
    trees: createAnswers<TreeEntries | null>(KEPT_TREES),
    treeIds: createAnswers<string>(KEPT_TREE_IDS),
    messages: createAnswers(KEPT_MESSAGES),
    staleLock: options.onStaleLock ?? (() => {}),
    processes: createProcesses(),
    inTurn: createTurns(),
  };
}

/** The same git, every call of which carries these variables. */
export function withVariables(git: Git, variables: Record<string, string>): Git {
  return each(git, (call) => ({ ...call, variables: { ...call.variables, ...variables } }));
}

/** The same git, which starts nothing more once `assertHeld` throws. */
export function whileHeld(git: Git, assertHeld: () => void): Git {
  return each(git, (call) => ({ ...call, assertHeld }));
}

function each(git: Git, change: (call: GitCall) => GitCall): Git {
  const add = (call: GitCall = {}) => change(call);
  const repository: OnRepository = (dirs, args, call) => git.repository(dirs, args, add(call));
  return {
    ...git,
    bare: (args, call) => git.bare(args, add(call)),
    repository,
    blobs: createBlobs(repository),
    entries: createLookUp(repository),
    worktree: (worktree, args, call) => git.worktree(worktree, args, add(call)),
  };
}

export function dirsOf(worktree: Worktree): GitDirs {
  return { gitDir: worktree.admin, commonDir: worktree.commonDir };
}

/** Output of a git that must succeed, without the last line end. Throws `failed`/`git_failed`. */
export async function textOf(answer: Promise<GitAnswer>, doing: string): Promise<string> {
  return expectSuccess(await answer, doing)
    .stdout.toString('utf8')
    .replace(/\n$/, '');
}

/** Parts of an output that git ended with NUL each. */
export function splitNul(output: Buffer, encoding: 'utf8' | 'latin1' = 'utf8'): string[] {
  return output
    .toString(encoding)
    .split('\0')
    .filter((part) => part !== '');
}

/** Such parts of an output of a git that must succeed. Throws `failed`/`git_failed`. */
export async function rowsOf(
  answer: Promise<GitAnswer>,
  doing: string,
  encoding?: 'utf8' | 'latin1',
): Promise<string[]> {
  return splitNul(expectSuccess(await answer, doing).stdout, encoding);
}
