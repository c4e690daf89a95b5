import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode, orNullSync } from '../../../../lib/errno.ts';
import { plainText } from '../../../../lib/text/plain-text.ts';
import type { CommandContext } from '../../framework/context.ts';

/** Set for workers that must not outlive the process that started them. */
const WATCH_PARENT = 'DF_WATCH_PARENT';

/**
 * In a worker: ends it when the process that started it goes away before the worker itself watches for that, which is as
 * long as its modules load. Later the worker sees the closed channel itself and stops in an orderly way.
 *
 * The channel carries the order to stop as well, because signals of a terminal reach the whole process group: a second
 * signal from the parent would look like a second Ctrl-C.
 */
export function endWithParent(env: NodeJS.ProcessEnv): void {
  if (env[WATCH_PARENT] === undefined) return;
  delete env[WATCH_PARENT];
  const end = () => {
    if (process.listenerCount('SIGTERM') === 0) process.exit(0);
  };
  if (!process.connected) end();
  process.once('disconnect', end);
  // The channel is watched, not waited for: it must not keep a worker that has ended.
  process.channel?.unref();
}

export interface WorkerProcesses {
  /**
   * Resolves with the exit code of the first worker that cannot work at all (wrong input, environment not ready). One that was ready before
   * shows that it can: those in its place are tried until one is ready again.
   */
  readonly unusable: Promise<{ exitCode: number; said: string }>;
  /** Resolves once each of them has been able to take work. */
  readonly ready: Promise<void>;
  /** Tells every worker to stop and waits until all are gone. */
  stop(): Promise<void>;
  /** To be called while `stop` waits: a second signal, and after five seconds the last one. */
  hurry(): void;
}

export interface WorkerProcessOptions {
  /** The program, and how many processes of it. */
  script: string;
  count: number;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** What they say goes to this terminal (`df up`); otherwise only the end of it is kept, for when one fails. */
  show: boolean;
  /** Hears that a worker died and is started again. */
  onRestart(detail: string): void;
  /** Hears once, until it is ready again, that what is started in the place of a worker says that it cannot work. */
  onStuck(stuck: StuckWorker): void;
}

export interface StuckWorker {
  exitCode: number;
  said: string;
  /** How many of the others are not stuck. */
  others: number;
}

/** Exit codes after which trying again at once would give the same. */
const HOPELESS = new Set([2, 3, 4]);
const RESTART_PAUSE = { first: 500, longest: 30_000 } as const;
/** A worker that lived longer than this was sound; the next pause begins small again. Milliseconds. */
const SOUND = 60_000;
const LAST_WORDS = 4_000;

/** One worker for as long as a command takes, of which people see only that it was started again. */
export function startOneWorker({ script, env, err }: CommandContext): WorkerProcesses {
  return startWorkerProcesses({
    script,
    count: 1,
    args: [],
    env,
    show: false,
    onRestart: (detail) => err.line(`warning: ${detail}`),
    onStuck: ({ said }) => err.line(`warning: no worker can begin here now, and it is tried again: ${said}`),
  });
}

/** Starts workers as children of this process, in its process group, and replaces those that die. */
export function startWorkerProcesses(options: WorkerProcessOptions): WorkerProcesses {
  const living = new Set<ChildProcess>();
  const stopping = new AbortController();
  const stuck = new Set<number>();
  let giveUp: (end: { exitCode: number; said: string }) => void;
  const unusable = new Promise<{ exitCode: number; said: string }>((resolve) => {
    giveUp = resolve;
  });

  async function keep(slot: number, onReady: () => void): Promise<void> {
    let pause: number = RESTART_PAUSE.first;
    let wasReady = false;
    while (!stopping.signal.aborted) {
      const started = performance.now();
      const { code, signal, said } = await live(() => {
        wasReady = true;
        stuck.delete(slot);
        onReady();
      });
      if (stopping.signal.aborted) return;
      if (code !== null && HOPELESS.has(code)) {
        if (!wasReady) return giveUp({ exitCode: code, said });
        if (!stuck.has(slot)) {
          stuck.add(slot);
          options.onStuck({ exitCode: code, said, others: options.count - stuck.size });
        }
      }
      if (performance.now() - started > SOUND) pause = RESTART_PAUSE.first;
      options.onRestart(
        `a worker ended (${code === null ? signal : `exit code ${code}`}) and is started again`,
      );
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, RESTART_PAUSE.longest);
    }
  }

  function live(onReady: () => void): Promise<{ code: number | null; signal: string | null; said: string }> {
    const child = spawnWorker(options);
    if (child === null)
      return Promise.resolve({
        code: 4,
        signal: null,
        said: 'The machine has no memory for another process',
      });
    living.add(child);
    // The only thing that a worker says here.
    child.once('message', onReady);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-LAST_WORDS);
    });
    return new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        living.delete(child);
        resolve({ code, signal, said: plainText(said).trim() });
      };
      child.once('exit', end);
      child.once('error', (error) => {
        said = error.message;
        end(4, null);
      });
    });
  }

  const begun: Promise<void>[] = [];
  const kept = Array.from({ length: options.count }, (_, slot) => {
    let ready = () => {};
    begun.push(new Promise((resolve) => (ready = resolve)));
    return keep(slot, ready);
  });
  return {
    unusable,
    ready: Promise.all(begun).then(() => {}),
    async stop() {
      stopping.abort();
      for (const child of living) if (child.connected) child.disconnect();
      await Promise.all(kept);
      while (living.size > 0) await sleep(20);
    },
    hurry() {
      for (const child of living) child.kill('SIGTERM');
      const last = setTimeout(() => {
        for (const child of living) child.kill('SIGKILL');
      }, 5_000);
      last.unref();
    },
  };
}

/** `null` where there is no memory for it: the one trouble of the machine that is thrown. Of others the child tells as of its end. */
function spawnWorker({ script, args, env, show }: WorkerProcessOptions): ChildProcess | null {
  const start = () =>
    spawn(process.execPath, [...process.execArgv, script, 'worker', ...args], {
      stdio: ['ignore', show ? 'inherit' : 'ignore', show ? 'inherit' : 'pipe', 'ipc'],
      env: { ...env, [WATCH_PARENT]: '1' },
    });
  return orNullSync(start, (error) => hasCode(error, 'ENOMEM'));
}
