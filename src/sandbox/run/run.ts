import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setPriority } from 'node:os';
import { always, orNullSync } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Launch } from '../mechanisms/mechanism.ts';
import { type Captured, createCapture } from './capture.ts';
import { messageOf, sandboxFailed } from './exhausted.ts';
import { killMarked, killNamespace, killStarter } from './kill.ts';
import type { Pipe, Pipes } from './pipes.ts';
import { readPipe } from './read-pipe.ts';
import { nicenessOfCommands, STARTED } from './shell.ts';
import { type TreeLimits, watchTree } from './watch.ts';
import { type DiskLimit, watchDisk } from './watch-disk.ts';

/** A killed tree that is not gone after this is killed the hard way. Milliseconds. */
const KILL_GRACE = 1_000;
/** After the end of the command its pipe closes at once; what still holds it then is not waited for. */
const PIPE_GRACE = 1_000;
const LONGEST_TIMER = 2_147_483_647;
const MOST_MESSAGE = 4_096;

export type Ending = 'exit' | 'timeout' | 'aborted' | 'memory' | 'processes' | 'disk';

export interface RunOptions {
  launch: Launch;
  /** See `Mechanism.ownProcesses`. */
  ownProcesses: boolean;
  /** `NAME=value` in the environment of every process of this run. */
  mark: string;
  limits: TreeLimits;
  /** Missing: the command cannot write to a disk. */
  disk?: DiskLimit | undefined;
  timeoutMs: number;
  outputFile: string;
  outputSize: number;
  signal?: AbortSignal | undefined;
}

export interface RunOutcome {
  exitCode: number | null;
  ended: Ending;
  captured: Captured;
}

/**
 * Starts a command, streams its output to the file and waits until it and all that it started have ended.
 *
 * @throws DarkFactoryError `environment`/`sandbox_failed` when the sandbox could not be built around the command,
 * `machine_exhausted` when the machine just has nothing left for it, or `output_lost`
 */
export async function runLaunch(pipes: Pipes, options: RunOptions): Promise<RunOutcome> {
  const unwritable = (error: unknown) => outputUnwritable(options.outputFile, error);
  let file: number | undefined;
  try {
    file = await orFail(() => openSync(options.outputFile, 'w', 0o600), unwritable);
    // Whoever closed the sandbox meanwhile has removed them.
    const pipe = await orFail(() => pipes.open(), notStarted);
    if (options.signal?.aborted) {
      pipe.discard();
      const captured = await createCapture(file, 0, () => undefined).finish();
      return { exitCode: null, ended: 'aborted', captured };
    }
    const child = startInto(pipe, options.launch);
    // All three are watched before anything is awaited: an end or an error that nobody listens to would be lost.
    const output = file;
    const reader = readPipe(pipe, (resume) => createCapture(output, options.outputSize, resume));
    const messages = collect(child);
    const ended = await superviseToEnd(child, options);
    const clean = await reader.closed(PIPE_GRACE);
    // Whoever still holds the other end would write into the output of the next command.
    if (clean) pipe.release();
    const captured = await orFail(() => reader.capture.finish(), unwritable);
    const message = await messages(PIPE_GRACE);
    if (ended.ended === 'exit' && !message.includes(STARTED))
      throw notStarted(message.trim() || `its program ended with ${ended.exitCode ?? 'a signal'}`);
    if (ended.ended === 'exit' && !reader.began()) throw outputLost();
    return { ...ended, captured };
  } finally {
    if (file !== undefined) closeSync(file);
    options.launch.after?.();
  }
}

async function orFail<T>(
  work: () => T | Promise<T>,
  failure: (error: unknown) => DarkFactoryError,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failure(error);
  }
}

function startInto(pipe: Pipe, { file, args, env, cwd, entrance }: Launch): ChildProcess {
  const more: number[] = [];
  try {
    if (entrance !== undefined) more.push(openSync(entrance, 'w'));
    const stdio: StdioOptions = ['ignore', pipe.write, 'pipe', ...more];
    // A group of its own: an interrupt from the terminal is for us to handle, and the whole group can be ended.
    const child = spawn(file, args, { env, cwd, detached: true, stdio });
    const { pid } = child;
    // What it starts inherits it. Where this is not permitted the shell of `limited` does it.
    if (pid !== undefined) orNullSync(() => setPriority(pid, nicenessOfCommands()), always);
    closeSync(pipe.write);
    return child;
  } catch (error) {
    pipe.discard();
    throw notStarted(error);
  } finally {
    more.forEach(closeSync);
  }
}

/** Waits for the end of the child, whoever brings it about. */
function superviseToEnd(
  child: ChildProcess,
  options: RunOptions,
): Promise<{ exitCode: number | null; ended: Ending }> {
  const { signal, timeoutMs, limits, disk } = options;
  return new Promise((resolve, reject) => {
    let ended: Ending = 'exit';
    let escalation: NodeJS.Timeout | undefined;
    const pid = child.pid;
    const end = (reason: Ending): void => {
      if (ended !== 'exit' || pid === undefined) return;
      ended = reason;
      if (!options.ownProcesses) killMarked(pid, options.mark);
      else killNamespace(pid);
      escalation = setTimeout(() => killStarter(pid), KILL_GRACE);
    };
    const onAbort = (): void => end('aborted');
    const timer = setTimeout(() => end('timeout'), Math.min(timeoutMs, LONGEST_TIMER));
    const watches = pid === undefined ? [] : [watchTree(pid, 1, limits, end)];
    if (pid !== undefined && disk !== undefined) watches.push(watchDisk(pid, disk, () => end('disk')));
    const tidy = (): void => {
      clearTimeout(timer);
      clearTimeout(escalation);
      for (const unwatch of watches) unwatch();
      signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', (error) => {
      tidy();
      reject(notStarted(error));
    });
    child.once('exit', (code) => {
      tidy();
      if (!options.ownProcesses && pid !== undefined) killMarked(pid, options.mark);
      resolve({ exitCode: ended === 'exit' ? code : null, ended });
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** What the sandbox's own program says; the command's output goes elsewhere. Asked for when all should have ended. */
function collect(child: ChildProcess): (grace: number) => Promise<string> {
  const { stderr } = child;
  if (stderr === null) return async () => '';
  let text = '';
  stderr.on('data', (chunk: Buffer) => {
    if (text.length < MOST_MESSAGE) text += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => stderr.once('close', resolve));
  return async (grace) => {
    const timer = setTimeout(() => stderr.destroy(), grace);
    await closed;
    clearTimeout(timer);
    return text;
  };
}

/** Without its output a command proves nothing: that it cannot be kept is no result of the command. */
function outputUnwritable(outputFile: string, cause: unknown): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'output_unwritable',
    `The output of a command cannot be written to ${outputFile}: ${messageOf(cause)}`,
    'Free space on that disk, or check its permissions; the step is repeated.',
    { cause },
  );
}

/** Empty output would pass for a command that printed nothing, and so for a check without a finding. */
function outputLost(): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'output_lost',
    'A command ran, but nothing that it printed arrived here.',
    'Its result counts for nothing. Run "df doctor", and another version of Node.js or Bun.',
  );
}

function notStarted(error: unknown): DarkFactoryError {
  return sandboxFailed('The sandbox could not be started', error);
}
