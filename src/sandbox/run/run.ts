import { closeSync, openSync } from 'node:fs';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Launch } from '../mechanisms/mechanism.ts';
import { type Captured, createCapture } from './capture.ts';
import { messageOf, sandboxFailed } from './exhausted.ts';
import type { Pipe, Pipes } from './pipes.ts';
import { readPipe } from './read-pipe.ts';
import { STARTED } from './shell.ts';
import { type Started, startAsChild, startByStarter } from './started.ts';
import type { Starter } from './starter.ts';
import { type TreeLimits, watchTree } from './watch.ts';
import { type DiskLimit, watchDisk } from './watch-disk.ts';

/** A killed tree that is not gone after this is killed the hard way. Milliseconds. */
const KILL_GRACE = 1_000;
/** After the end of the command its pipe closes at once; what still holds it then is not waited for. */
const PIPE_GRACE = 1_000;
const LONGEST_TIMER = 2_147_483_647;

export type Ending = 'exit' | 'timeout' | 'aborted' | 'memory' | 'processes' | 'disk';

export interface RunOptions {
  launch: Launch;
  /** Starts what reports by itself. Missing: this process does. */
  starter?: Starter | undefined;
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
    const reports = options.launch.reports === true && options.starter?.takes(options.launch) === true;
    const said = reports ? await orFail(() => pipes.open(), notStarted) : undefined;
    if (options.signal?.aborted) {
      pipe.discard();
      said?.discard();
      const captured = await createCapture(file, 0, () => undefined).finish();
      return { exitCode: null, ended: 'aborted', captured };
    }
    const output = file;
    const started = start({ output: pipe, said }, options);
    // Both are watched before anything is awaited: an end or an error that nobody listens to would be lost.
    const reader = readPipe(pipe, (resume) => createCapture(output, options.outputSize, resume));
    const ended = await superviseToEnd(started, options);
    const clean = await reader.closed(PIPE_GRACE);
    // Whoever still holds the other end would write into the output of the next command.
    if (clean) pipe.release();
    const captured = await orFail(() => reader.capture.finish(), unwritable);
    const message = await started.words(PIPE_GRACE);
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

/** Takes over the writing ends of the pipes. */
function start({ output, said }: { output: Pipe; said: Pipe | undefined }, options: RunOptions): Started {
  const { launch, starter } = options;
  try {
    return starter === undefined || said === undefined
      ? startAsChild(output, launch, options)
      : startByStarter(starter, { output, said }, launch);
  } catch (error) {
    output.discard();
    said?.discard();
    throw notStarted(error);
  }
}

/** Waits for the end of the program, whoever brings it about. */
function superviseToEnd(
  started: Started,
  options: RunOptions,
): Promise<{ exitCode: number | null; ended: Ending }> {
  const { signal, timeoutMs, limits, disk } = options;
  return new Promise((resolve, reject) => {
    let ended: Ending = 'exit';
    let escalation: NodeJS.Timeout | undefined;
    let over = false;
    const watches: (() => void)[] = [];
    const end = (reason: Ending): void => {
      if (ended !== 'exit') return;
      ended = reason;
      started.end();
      escalation = setTimeout(() => started.kill(), KILL_GRACE);
    };
    const onAbort = (): void => end('aborted');
    const timer = setTimeout(() => end('timeout'), Math.min(timeoutMs, LONGEST_TIMER));
    started.onBorn((pid) => {
      if (over) return;
      watches.push(watchTree(pid, 1, limits, end));
      if (disk !== undefined) watches.push(watchDisk(pid, disk, () => end('disk')));
    });
    const tidy = (): void => {
      over = true;
      clearTimeout(timer);
      clearTimeout(escalation);
      for (const unwatch of watches) unwatch();
      signal?.removeEventListener('abort', onAbort);
    };
    started.ended.then(
      (code) => {
        tidy();
        resolve({ exitCode: ended === 'exit' ? code : null, ended });
      },
      (error: unknown) => {
        tidy();
        reject(error instanceof DarkFactoryError ? error : notStarted(error));
      },
    );
    signal?.addEventListener('abort', onAbort, { once: true });
  });
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
