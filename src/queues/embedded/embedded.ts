/**
 * The embedded Redis of a home: one private server on a Unix socket, started by whoever needs it first, shared by all,
 * ended by whoever leaves last.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DarkFactoryError } from '../../lib/failure.ts';
import { type HeldLock, LockBusy, withLock } from '../../lib/locks/lock.ts';
import { describeHolder } from '../../lib/locks/lock-links.ts';
import { createProcesses } from '../../lib/process/process.ts';
import { connectOnce, type Redis } from '../redis/redis.ts';
import {
  findServer,
  makeRunFolder,
  runningServer,
  serverGone,
  socketPath,
  startServer,
} from './embedded-server.ts';

const LOCK = 'redis.lock';
/** Longer than a holder that gives no sign is waited for, in milliseconds. */
const PATIENCE = 60_000;
/** Every user of the server keeps one connection of this name open; who leaves counts them. */
const GUARD = 'df-guard';
/** How long an ending server may take to write its file, in milliseconds. */
const END_DEADLINE = 10_000;
const REVIVE_PAUSE = { first: 50, longest: 2_000 } as const;

export interface EmbeddedRedis {
  /** The path to connect to; the same for the whole life of the home, also after a restart of the server. */
  socket: string;
  /**
   * Leaves. The last one to leave ends the server, with its append-only file written, and returns when it is gone. Close
   * your own connections first. A second call does nothing. Never throws for a server that is already away.
   */
  release(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Where to look for `redis-server` and `valkey-server`; the PATH of the process. */
  path: string;
  /** Hears of troubles that were survived: a server that died and was started again, a file set aside. */
  onProblem?: (message: string) => void;
}

/**
 * The embedded Redis in `runFolder`, started if it does not run. Any number of processes may ask at once.
 *
 * While it is held, a server that dies is started again; connections to the socket come back by themselves.
 *
 * @throws DarkFactoryError `environment`: `redis_missing`, `redis_start_failed`, `redis_stuck`, `redis_socket_taken`,
 *   `run_folder`
 */
export async function ensureEmbeddedRedis(
  runFolder: string,
  options: EmbeddedOptions,
): Promise<EmbeddedRedis> {
  await makeRunFolder(runFolder);
  const socket = await socketPath(runFolder);
  const onProblem = options.onProblem ?? (() => undefined);
  const leaving = new AbortController();
  let reviving: Promise<void> | null = null;
  let guard = await enter();

  async function enter(): Promise<Redis> {
    const entered = await underLock(runFolder, (lock) =>
      guardOrStart(runFolder, socket, lock, { path: options.path, onProblem }),
    );
    entered.once('end', () => {
      if (leaving.signal.aborted) return;
      onProblem('The embedded Redis went away; starting it again');
      reviving = revive();
    });
    return entered;
  }

  async function revive(): Promise<void> {
    let pause: number = REVIVE_PAUSE.first;
    while (!leaving.signal.aborted) {
      try {
        guard = await enter();
        return;
      } catch (error) {
        onProblem(
          `The embedded Redis does not start: ${error instanceof Error ? error.message : String(error)}`,
        );
        // Cut short by leaving; does not keep a process alive that has nothing else to do.
        await wait(pause, undefined, { ref: false, signal: leaving.signal }).catch(() => undefined);
        pause = Math.min(pause * 2, REVIVE_PAUSE.longest);
      }
    }
  }

  return {
    socket,
    async release() {
      if (leaving.signal.aborted) return;
      leaving.abort();
      await reviving;
      await underLock(runFolder, () => leave(guard, runFolder));
    },
  };
}

/** A guard connection to the server that runs, or to a new one. Under the lock: none ends while another one enters. */
async function guardOrStart(
  runFolder: string,
  socket: string,
  { after, assertHeld }: HeldLock,
  options: { path: string; onProblem: (message: string) => void },
): Promise<Redis> {
  const found = await guardTo(socket);
  if (found !== null) return found;
  // The process before us died while it held the lock: its server may be starting without having said its id yet.
  if (after.length > 0) await wait(50);
  if ((await runningServer(runFolder)) !== null) {
    const late = await waitFor(socket, runFolder);
    if (late !== null) return late;
  }
  let guard: Redis | null = null;
  await startServer({
    binary: await findServer(options.path),
    runFolder,
    path: options.path,
    onProblem: options.onProblem,
    assertHeld,
    answers: async () => {
      guard = await guardTo(socket);
      return guard !== null;
    },
  });
  if (guard !== null) return guard;
  throw new Error('a started server has a guard');
}

/** A server lives but does not answer: it is loading its file, or on its way out. */
async function waitFor(socket: string, runFolder: string): Promise<Redis | null> {
  const end = performance.now() + END_DEADLINE;
  while (performance.now() < end) {
    const guard = await guardTo(socket);
    if (guard !== null) return guard;
    if (await serverGone(runFolder, 20)) return null;
  }
  throw stuck(
    `The embedded Redis in ${runFolder} (process ${await runningServer(runFolder)}) runs but does not answer`,
  );
}

async function guardTo(socket: string): Promise<Redis | null> {
  return connectOnce(socket, `${GUARD}:${process.pid}`);
}

async function leave(guard: Redis, runFolder: string): Promise<void> {
  if (guard.status !== 'ready') return;
  const clients = String(await guard.client('LIST')).split('\n');
  const guards = clients.filter((line) => line.includes(` name=${GUARD}:`)).length;
  // Seen by the server before the next one counts: two that leave at once would each take the other for somebody who stays.
  if (guards > 1) return disconnected(guard);
  // Redis closes the connection instead of an answer; an answer is a refusal, and then the signal ends it.
  await guard.shutdown().catch(() => undefined);
  const pid = await runningServer(runFolder);
  if (pid !== null && !(await serverGone(runFolder, 1_000))) process.kill(pid, 'SIGTERM');
  await serverGone(runFolder, END_DEADLINE);
  guard.disconnect();
}

async function disconnected(guard: Redis): Promise<void> {
  // A server that goes away meanwhile has let go of it, too.
  const ended = once(guard, 'end').catch(() => undefined);
  guard.disconnect();
  await ended;
}

async function underLock<T>(runFolder: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  try {
    const options = { processes: createProcesses(), patienceMs: PATIENCE };
    return await withLock(join(runFolder, LOCK), options, work);
  } catch (error) {
    // Suspended in the midst of it: whoever took over has started one by now.
    if (error instanceof DarkFactoryError && error.code === 'lock_lost') return underLock(runFolder, work);
    if (!(error instanceof LockBusy)) throw error;
    const who = describeHolder(error.holder);
    throw stuck(`The embedded Redis in ${runFolder} is kept locked by ${who}`, error);
  }
}

function stuck(message: string, cause?: unknown): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'redis_stuck',
    message,
    'End that process; the server is started again when it is needed.',
    { cause },
  );
}
