import { type ChildProcess, spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { hasCode } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { sendSignal } from '../../lib/process/others.ts';
import { gitEnvironment, HARDENED, NO_HOOKS, type Variables } from './environment.ts';
import { tooMuchMemory, watchMemory } from '../traps/memory.ts';

export interface GitCall {
  /** Always given but for the few calls that look for a repository. git then does not search, nor follow a `.git` file. */
  gitDir?: string;
  workTree?: string;
  /** Default: the root folder, where nobody plants anything. */
  cwd?: string;
  /** Bytes for standard input; closed without them. */
  input?: Buffer | string;
  /** What a helper of git reads from descriptor 3: so it stands in no argument, no environment and no file. */
  secret?: string;
  /** On top of the rebuilt environment. */
  variables?: Record<string, string>;
  /** `key=value` on top of the hardened settings. */
  config?: readonly string[];
  /** Lets the hooks path of the worktree stand; only the push test wants that. */
  worktreeHooks?: boolean;
  /** Milliseconds. */
  timeoutMs?: number;
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
  /** Is told of each lock file of a dead git that was removed. */
  onStaleLock?(file: string): void;
}

/**
 * Starts git; the only place that does.
 *
 * Any exit code is an answer. Throws `git_missing` (environment), `git_timeout`, `git_aborted` and
 * `git_output_too_large` (failed); by then the process and its children are gone or have been sent SIGKILL.
 */
export type RunGit = (args: readonly string[], call?: GitCall) => Promise<GitAnswer>;

/** For a checkout of a very large repository, where a call says so. */
export const CHECKOUT_MS = 10 * 60_000;
const MOST_OUTPUT = 256 * 1024 * 1024;
const MOST_ERRORS = 64 * 1024;
/** git removes its lock files on SIGTERM; after this many milliseconds it is killed all the same. */
const TIDY_UP_MS = 2_000;

export function createRunGit(options: GitRunnerOptions): RunGit {
  const environment = gitEnvironment(options.env);
  // Async, because spawn throws some errors and emits others.
  return async (args, call = {}) => {
    call.assertHeld?.();
    const child = spawn('git', commandLine(args, call), {
      cwd: call.cwd ?? '/',
      env: { ...environment, ...call.variables },
      // A group of its own, so that its children end with it.
      detached: true,
      stdio: [
        call.input === undefined ? 'ignore' : 'pipe',
        ...(['pipe', 'pipe'] as const),
        ...(call.secret === undefined ? [] : (['pipe'] as const)),
      ],
    });
    if (call.secret !== undefined) handOver(child, call.secret);
    const answer = outcome(child, args[0] ?? '', call, options);
    return call.assertHeld === undefined ? answer : unlessLost(answer, child, call.assertHeld);
  };
}

/**
 * This process may have been suspended between looking and starting: then nobody ended the git that came too late. It is
 * looked for once more, and once git has answered, so that nobody goes on from an answer that another one's work made void.
 */
async function unlessLost(
  answer: Promise<GitAnswer>,
  { pid }: ChildProcess,
  assertHeld: () => void,
): Promise<GitAnswer> {
  try {
    assertHeld();
  } catch (error) {
    if (pid !== undefined) sendSignal(-pid, 'SIGKILL');
    await answer.catch(() => {});
    throw error;
  }
  const outcome = await answer;
  assertHeld();
  return outcome;
}

function handOver(child: ChildProcess, secret: string): void {
  const stream = child.stdio[3];
  if (!(stream instanceof Writable)) return;
  // Whoever needs no secret ends without having read it.
  stream.on('error', () => {});
  stream.end(secret);
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

function outcome(
  child: ChildProcess,
  subcommand: string,
  call: GitCall,
  options: GitRunnerOptions,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    let stopped: DarkFactoryError | 'enough' | null = null;

    const stop = (reason: DarkFactoryError | 'enough') => {
      if (stopped !== null) return;
      stopped = reason;
      endGroup(child);
    };
    const limit = call.timeoutMs ?? options.timeoutMs ?? 60_000;
    const timer = setTimeout(() => stop(timedOut(subcommand, limit)), limit);
    const abort = () => stop(aborted(subcommand));
    const signals = [options.signal, call.end];
    for (const signal of signals) signal?.addEventListener('abort', abort, { once: true });
    if (signals.some((signal) => signal?.aborted)) abort();
    const unwatch =
      call.workTree === undefined
        ? () => undefined
        : watchMemory(child.pid, () => stop(tooMuchMemory(subcommand)));
    const settle = () => {
      clearTimeout(timer);
      unwatch();
      for (const signal of signals) signal?.removeEventListener('abort', abort);
    };

    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MOST_OUTPUT) stop(tooLarge(subcommand));
      else if (stopped === null) stdout.push(chunk);
      if (call.enough !== undefined && bytes > call.enough) stop('enough');
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      if (stderr.length < MOST_ERRORS) stderr += chunk.toString('utf8');
    });
    // git may end before it read everything; its exit code then tells why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(call.input);
    child.on('error', (error) => {
      settle();
      reject(hasCode(error, 'ENOENT') ? gitMissing(error) : error);
    });
    child.on('close', (code) => {
      settle();
      const output = Buffer.concat(stdout);
      if (stopped === 'enough') resolve({ code: 0, stdout: output.subarray(0, call.enough), stderr });
      else if (stopped !== null) reject(stopped);
      else resolve({ code: code ?? 128, stdout: output, stderr });
    });
  });
}

/** SIGTERM to the group, then SIGKILL. A group that is gone already is fine. */
function endGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  sendSignal(-pid, 'SIGTERM');
  const timer = setTimeout(() => {
    sendSignal(-pid, 'SIGKILL');
    // Whoever left the group and still holds a pipe does not keep us waiting.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, TIDY_UP_MS);
  // Not on `exit` of the leader: a child that ignores SIGTERM must still meet SIGKILL.
  child.on('close', () => {
    clearTimeout(timer);
    sendSignal(-pid, 'SIGKILL');
  });
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
