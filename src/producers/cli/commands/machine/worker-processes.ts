import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** Resolves with the exit code of the first worker that cannot work at all (wrong input, environment not ready). */
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
}

/** Exit codes after which trying again would give the same. */
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
  });
}

/** Starts workers as children of this process, in its process group, and replaces those that die. */
export function startWorkerProcesses(options: WorkerProcessOptions): WorkerProcesses {
  const living = new Set<ChildProcess>();
  const stopping = new AbortController();
  let giveUp: (end: { exitCode: number; said: string }) => void;
  const unusable = new Promise<{ exitCode: number; said: string }>((resolve) => {
    giveUp = resolve;
  });

  async function keep(onReady: () => void): Promise<void> {
    let pause: number = RESTART_PAUSE.first;
    while (!stopping.signal.aborted) {
      const started = performance.now();
      const end = await live(onReady);
      if (stopping.signal.aborted) return;
      if (end.code !== null && HOPELESS.has(end.code)) {
        giveUp({ exitCode: end.code, said: end.said });
        return;
      }
      if (performance.now() - started > SOUND) pause = RESTART_PAUSE.first;
      options.onRestart(
        `a worker ended (${end.code === null ? end.signal : `exit code ${end.code}`}) and is started again`,
      );
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, RESTART_PAUSE.longest);
    }
  }

  function live(onReady: () => void): Promise<{ code: number | null; signal: string | null; said: string }> {
    const output = options.show ? 'inherit' : 'pipe';
    const child = spawn(process.execPath, [...process.execArgv, options.script, 'worker', ...options.args], {
      stdio: ['ignore', options.show ? 'inherit' : 'ignore', output, 'ipc'],
      env: { ...options.env, [WATCH_PARENT]: '1' },
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
  const kept = Array.from({ length: options.count }, () => {
    let ready = () => {};
    begun.push(new Promise((resolve) => (ready = resolve)));
    return keep(ready);
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
