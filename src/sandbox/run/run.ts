import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setPriority } from 'node:os';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Launch } from '../mechanisms/mechanism.ts';
import { type Capture, type Captured, createCapture } from './capture.ts';
import { machineExhausted, saysExhausted } from './exhausted.ts';
import { killMarked, killNamespace, killStarter } from './kill.ts';
import type { Pipe, Pipes } from './pipes.ts';
import type { TaskGroup } from './process-cap.ts';
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
  /** Its entrance is descriptor 3 of the launched program. */
  group: TaskGroup | null;
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
  let file: number | undefined;
  try {
    file = openOutput(options.outputFile);
    const pipe = await openPipe(pipes);
    if (options.signal?.aborted) {
      pipe.discard();
      const captured = await createCapture(file, 0, () => undefined).finish();
      return { exitCode: null, ended: 'aborted', captured };
    }
    const child = startInto(pipe, options.launch, options.group);
    // All three are watched before anything is awaited: an end or an error that nobody listens to would be lost.
    const output = file;
    const reader = readPipe(pipe, (resume) => createCapture(output, options.outputSize, resume));
    const messages = collect(child);
    const ended = await superviseToEnd(child, options);
    const clean = await reader.closed(PIPE_GRACE);
    // Whoever still holds the other end would write into the output of the next command.
    if (clean) pipe.release();
    const captured = await finish(reader.capture, options.outputFile);
    const message = await messages(PIPE_GRACE);
    if (ended.ended === 'exit' && !message.includes(STARTED)) throw sandboxFailed(message, ended.exitCode);
    if (ended.ended === 'exit' && !reader.began()) throw outputLost();
    return { ...ended, captured };
  } finally {
    if (file !== undefined) closeSync(file);
    options.launch.after?.();
    options.group?.remove();
  }
}

/** Folders of outputs and pipes may be gone: whoever ended a run or a sandbox removed them. */
async function openPipe(pipes: Pipes): Promise<Pipe> {
  try {
    return await pipes.open();
  } catch (error) {
    throw sandboxFailed(messageOf(error), null);
  }
}

function openOutput(outputFile: string): number {
  try {
    return openSync(outputFile, 'w', 0o600);
  } catch (error) {
    throw unwritable(outputFile, error);
  }
}

function startInto(pipe: Pipe, { file, args, env, cwd }: Launch, group: TaskGroup | null): ChildProcess {
  let entrance: number | undefined;
  try {
    entrance = group === null ? undefined : openSync(group.entrance, 'w');
    const more = entrance === undefined ? [] : [entrance];
    const stdio: StdioOptions = ['ignore', pipe.write, 'pipe', ...more];
    // A group of its own: an interrupt from the terminal is for us to handle, and the whole group can be ended.
    const child = spawn(file, args, { env, cwd, detached: true, stdio });
    if (child.pid !== undefined) standBack(child.pid);
    closeSync(pipe.write);
    return child;
  } catch (error) {
    pipe.discard();
    throw sandboxFailed(messageOf(error), null);
  } finally {
    if (entrance !== undefined) closeSync(entrance);
  }
}

/** What it starts inherits it. Where this comes too late or is not permitted the shell of `limited` does it. */
function standBack(pid: number): void {
  try {
    setPriority(pid, nicenessOfCommands());
  } catch {
    // See above.
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
      reject(sandboxFailed(error.message, null));
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
async function finish(capture: Capture, outputFile: string): Promise<Captured> {
  try {
    return await capture.finish();
  } catch (error) {
    throw unwritable(outputFile, error);
  }
}

function unwritable(outputFile: string, cause: unknown): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'output_unwritable',
    `The output of a command cannot be written to ${outputFile}: ${messageOf(cause)}`,
    'Free space on that disk, or check its permissions; the step is repeated.',
    { cause },
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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

function sandboxFailed(message: string, exitCode: number | null): DarkFactoryError {
  const said = `The sandbox could not be started: ${message.trim() || `its program ended with ${exitCode ?? 'a signal'}`}`;
  if (saysExhausted(message)) return machineExhausted(said);
  return new DarkFactoryError(
    'environment',
    'sandbox_failed',
    said,
    'Run "df doctor" to see what is missing.',
  );
}
