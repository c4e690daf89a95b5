import { hasCode } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { startByShells } from '../start/shells.ts';
import { FROM_OUTSIDE, type Running, type Start, type StartOptions } from '../start/start.ts';
import { mostMemory, tooMuchMemory, watchMemory } from '../traps/memory.ts';
import { gitEnvironment, HARDENED, NO_HOOKS, type Variables } from './environment.ts';

export interface GitCall extends StartOptions {
  /** Always given but for the few calls that look for a repository. git then does not search, nor follow a `.git` file. */
  gitDir?: string;
  workTree?: string;
  /** `key=value` on top of the hardened settings. */
  config?: readonly string[];
  /** Lets the hooks path of the worktree stand; only the push test wants that. */
  worktreeHooks?: boolean;
  /** Milliseconds. */
  timeoutMs?: number;
  /** Writes files as commits have them, for which it may take more memory than to read what an agent wrote. */
  checksOut?: boolean;
  /** Enough bytes of output: git is ended when there are more, and that counts as success. */
  enough?: number;
  /** Ends this git alone, as the runner's signal ends all. */
  end?: AbortSignal;
  /** Throws when this process may not touch the repository any more, for another one took its lock over. */
  assertHeld?: () => void;
}

export interface GitAnswer {
  code: number;
  stdout: Buffer;
  stderr: string;
}

export interface GitRunnerOptions {
  /** Where PATH, HOME and the place of the owner's git configuration are read from. */
  env: Variables;
  /** Cutting it ends every running git with all its children. */
  signal?: AbortSignal;
  /** Milliseconds for one call where the call does not say. Default: 60 s. */
  timeoutMs?: number;
  /** How long a shell waits for the next git, in milliseconds. Default: 10 s. */
  shellPatienceMs?: number;
  /** Is told of each lock file of a dead git that was removed. */
  onStaleLock?(file: string): void;
}

/**
 * Starts git; the only place that does.
 *
 * Any exit code is an answer. Throws `git_missing` (environment), `git_timeout`, `git_aborted`, `machine_exhausted` and
 * `git_output_too_large` (failed); by then the process and its children are gone or have been sent SIGKILL.
 */
export type RunGit = (args: readonly string[], call?: GitCall) => Promise<GitAnswer>;

/** For a checkout of a very large repository, where a call says so. */
export const CHECKOUT_MS = 10 * 60_000;
export const CHECKOUT: GitCall = { timeoutMs: CHECKOUT_MS, checksOut: true };
const MOST_OUTPUT = 256 * 1024 * 1024;
const MOST_ERRORS = 64 * 1024;
/** git removes its lock files on SIGTERM; after this many milliseconds it is killed all the same. */
const TIDY_UP_MS = 2_000;

export function createRunGit(options: GitRunnerOptions): RunGit {
  const start = startByShells(gitEnvironment(options.env), options.shellPatienceMs);
  // Async, because some errors are thrown and others told.
  return async (args, call = {}) => {
    call.assertHeld?.();
    const { running, answer } = begin(start, args, call, options);
    return call.assertHeld === undefined ? answer : unlessLost(answer, running, call.assertHeld);
  };
}

/**
 * This process may have been suspended between looking and starting: then nobody ended the git that came too late. It is
 * looked for once more, and once git has answered, so that nobody goes on from an answer that another one's work made void.
 */
async function unlessLost(
  answer: Promise<GitAnswer>,
  running: Running,
  assertHeld: () => void,
): Promise<GitAnswer> {
  try {
    assertHeld();
  } catch (error) {
    running.signal('SIGKILL');
    await answer.catch(() => {});
    throw error;
  }
  return answer.finally(assertHeld);
}

function commandLine(args: readonly string[], call: GitCall): string[] {
  const settings = [...HARDENED, ...(call.worktreeHooks ? [] : [NO_HOOKS]), ...(call.config ?? [])];
  return [
    '--no-pager',
    ...(call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`]),
    ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`]),
    ...settings.flatMap((setting) => ['-c', setting]),
    ...args,
  ];
}

function begin(
  start: Start,
  args: readonly string[],
  call: GitCall,
  options: GitRunnerOptions,
): { running: Running; answer: Promise<GitAnswer> } {
  const [subcommand = ''] = args;
  let resolve = (_answer: GitAnswer): void => undefined;
  let reject = (_reason: unknown): void => undefined;
  const answer = new Promise<GitAnswer>((...settlers) => ([resolve, reject] = settlers));
  const stdout: Buffer[] = [];
  let bytes = 0;
  const stderr: Buffer[] = [];
  let errorBytes = 0;
  let stopped: DarkFactoryError | 'enough' | null = null;
  let tidy = () => {};

  const stop = (reason: DarkFactoryError | 'enough') => {
    if (stopped !== null) return;
    stopped = reason;
    tidy = endGroup(running);
  };
  const running = start(commandLine(args, call), call, {
    output(chunk) {
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT) stop(tooLarge(subcommand));
      else if (stopped === null) stdout.push(chunk);
      if (call.enough !== undefined && bytes > call.enough) stop('enough');
    },
    words(chunk) {
      if (errorBytes < MOST_ERRORS) stderr.push(chunk);
      errorBytes += chunk.length;
    },
    failed(error) {
      settle();
      reject(hasCode(error, 'ENOENT') ? gitMissing(error) : error);
    },
    ended(code, signal) {
      settle();
      const output = Buffer.concat(stdout);
      const words = Buffer.concat(stderr).toString('utf8');
      if (stopped === 'enough') resolve({ code: 0, stdout: output.subarray(0, call.enough), stderr: words });
      else if (stopped !== null) reject(stopped);
      else if (signal && FROM_OUTSIDE.includes(signal)) reject(endedFromOutside(subcommand, signal));
      else resolve({ code: code ?? 128, stdout: output, stderr: words });
    },
  });
  const limit = call.timeoutMs ?? options.timeoutMs ?? 60_000;
  const timer = setTimeout(() => stop(timedOut(subcommand, limit)), limit);
  const abort = () => stop(aborted(subcommand));
  const signals = [options.signal, call.end];
  for (const signal of signals) signal?.addEventListener('abort', abort, { once: true });
  if (signals.some((signal) => signal?.aborted)) abort();
  const most = mostMemory(call.checksOut ?? false);
  const unwatch =
    call.workTree === undefined
      ? () => undefined
      : watchMemory(running.pid, most, () => stop(tooMuchMemory(subcommand, most)));
  const settle = () => {
    clearTimeout(timer);
    unwatch();
    for (const signal of signals) signal?.removeEventListener('abort', abort);
    tidy();
  };
  return { running, answer };
}

/** SIGTERM to the group, then SIGKILL. A group that is gone already is fine. @returns to be called at its end */
function endGroup(running: Running): () => void {
  running.signal('SIGTERM');
  const timer = setTimeout(() => {
    running.signal('SIGKILL');
    // Whoever left the group and still holds a pipe does not keep us waiting.
    running.letGo();
  }, TIDY_UP_MS);
  // Not at the end of the leader: a child that ignores SIGTERM must still meet SIGKILL.
  return () => {
    clearTimeout(timer);
    running.signal('SIGKILL');
  };
}

function gitMissing(cause: Error): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'git_missing',
    'git is not on the PATH',
    'Install git 2.25 or newer (Debian: apt-get install git; macOS: brew install git).',
    { cause },
  );
}

function timedOut(subcommand: string, limit: number): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'git_timeout',
    `git ${subcommand} took longer than ${Math.round(limit / 1_000)} s and was ended`,
    'Look for a slow or full disk; the step is tried again.',
  );
}

/** The kernel, for want of memory, or whoever stops the machine. What git did nobody knows. */
function endedFromOutside(subcommand: string, signal: NodeJS.Signals): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'machine_exhausted',
    `git ${subcommand} was ended by somebody else (${signal}), as the kernel does for want of memory`,
    'End what else runs there, or lower workers.concurrency; it goes on by itself.',
  );
}

function aborted(subcommand: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'git_aborted',
    `git ${subcommand} was ended because the program stops`,
    'Nothing to do; the step is tried again.',
  );
}

function tooLarge(subcommand: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'git_output_too_large',
    `git ${subcommand} answered with more than ${MOST_OUTPUT / 1024 / 1024} MiB`,
    'The repository is too large for this operation.',
  );
}
