import { type ChildProcess, spawn } from 'node:child_process';
import { Writable } from 'node:stream';
import { sendSignal } from '../../lib/process/others.ts';

/** What a git is started with, beside its arguments. */
export interface StartOptions {
  /** Default: the root folder, where nobody plants anything. */
  cwd?: string;
  /** Bytes for standard input; closed without them. */
  input?: Buffer | string;
  /** What a helper of git reads from descriptor 3: so it stands in no argument, no environment and no file. */
  secret?: string;
  /** On top of the rebuilt environment. */
  variables?: Record<string, string>;
}

/** What is told of a git under way. */
export interface Listener {
  output(chunk: Buffer): void;
  words(chunk: Buffer): void;
  /** It was not started. */
  failed(error: Error): void;
  /** It has ended, and whoever had its pipes has let go of them. `null`: by a signal, told where it is known. */
  ended(code: number | null, signal?: NodeJS.Signals | null): void;
}

/** No git ends itself by these. */
export const FROM_OUTSIDE: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGTERM'];

/** A git under way. */
export interface Running {
  /** Its process, once there is one. */
  pid(): number | undefined;
  /** To it and to all that it started. */
  signal(name: NodeJS.Signals): void;
  /** Waits no longer for whoever left its group and still has a pipe of it. */
  letGo(): void;
}

/** Starts git with all of its arguments. May throw instead of telling the listener. */
export type Start = (args: readonly string[], call: StartOptions, listener: Listener) => Running;

/** As a child of this process. */
export const startDirectly =
  (environment: Record<string, string>): Start =>
  (args, call, listener) => {
    const child = spawn('git', args, {
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
    child.stdout?.on('data', listener.output);
    child.stderr?.on('data', listener.words);
    // git may end before it read everything; its exit code then tells why.
    child.stdin?.on('error', () => {});
    child.stdin?.end(call.input);
    child.on('error', listener.failed);
    child.on('close', listener.ended);
    return {
      pid: () => child.pid,
      signal: (name) => signalGroup(child, name),
      letGo: () => letGoOf(child),
    };
  };

/** Nothing where it was never there or is gone. */
export function signalGroup({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined) sendSignal(-pid, name);
}

export function letGoOf({ stdout, stderr }: ChildProcess): void {
  stdout?.destroy();
  stderr?.destroy();
}

function handOver(child: ChildProcess, secret: string): void {
  const stream = child.stdio[3];
  if (!(stream instanceof Writable)) return;
  // Whoever needs no secret ends without having read it.
  stream.on('error', () => {});
  stream.end(secret);
}
