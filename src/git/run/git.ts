import { createTurns, type Turns } from '../../lib/async/turns.ts';
import { createAnswers } from '../../lib/lru.ts';
import { createProcesses, type Processes } from '../../lib/process/process.ts';
import { type ConfigReader, createConfigReader, type RepositoryConfig } from './config.ts';
import { expectSuccess } from './failures.ts';
import { withoutPipes } from './pipes.ts';
import type { GitDirs, Worktree } from './places.ts';
import { createRunGit, type GitAnswer, type GitCall, type GitRunnerOptions, type RunGit } from './run.ts';

/** Commits whose files are kept in mind, of which `tree-entries.ts` leaves out large ones: a dozen megabytes at the most. */
const KEPT_TREES = 8;

/** What a commit holds at a path: a file, a link (mode 120000), or the commit of a submodule. */
export interface TreeEntry {
  mode: string;
  type: string;
  id: string;
  path: string;
}

/** By path, in the order of git. */
export type TreeEntries = ReadonlyMap<string, TreeEntry>;

/** git, bound to the environment of this program. Every call on a repository carries the guards against its filters. */
export interface Git {
  /** Without a repository, or looking for one. */
  bare: RunGit;
  /** On a repository's objects and refs. */
  repository(dirs: GitDirs, args: readonly string[], call?: GitCall): Promise<GitAnswer>;
  /** On a worktree of the factory: explicit git dir and work tree. */
  worktree(worktree: Worktree, args: readonly string[], call?: GitCall): Promise<GitAnswer>;
  config(dirs: GitDirs): Promise<RepositoryConfig>;
  /** What commits hold, for `tree-entries.ts`. */
  trees: ReturnType<typeof createAnswers<TreeEntries | null>>;
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
  return {
    bare: run,
    repository: (dirs, args, call = {}) => guarded(dirs, args, call),
    worktree: (worktree, args, call = {}) =>
      withoutPipes(worktree.folder, guarded(dirsOf(worktree), args, { workTree: worktree.folder, ...call })),
    config: (dirs) => reader.read(dirs.gitDir, dirs.commonDir),
    trees: createAnswers<TreeEntries | null>(KEPT_TREES),
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
  return {
    ...git,
    bare: (args, call) => git.bare(args, add(call)),
    repository: (dirs, args, call) => git.repository(dirs, args, add(call)),
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
