import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { expecting, isMissing } from '../../../../lib/errno.ts';
import { EXIT_CODE } from '../../../../lib/failure.ts';
import { FILE_MODE, FOLDER_MODE } from '../../../../state/files/files.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { bold, plural } from '../../render/output.ts';

/** Set for the `df up` that another one started without a terminal. */
const DETACHED = 'DF_DETACHED';

/** What a detached `df up` says to whoever started it, once it is up. */
const isUp = z.object({ redis: z.string(), workers: z.number(), board: z.string().optional() });
export type IsUp = z.infer<typeof isUp>;

export function sayUp({ out }: Pick<CommandContext, 'out'>, { redis, workers, board }: IsUp): void {
  out.line(`Redis    ${redis}`);
  out.line(`Workers  ${plural(workers, 'process', 'processes')}`);
  if (board !== undefined) out.line(['Board    ', bold(board)]);
  out.line('It is up.');
}

/** How a started process began: it is up, or it ended with an exit code and these last words. */
export type Beginning =
  | { up: IsUp; pid: number; log: string }
  | { exitCode: number; said: string; log: string };

/** In the process that was started: whom to tell that it is up, once. `null`: it has a terminal. */
export function starterOf(env: NodeJS.ProcessEnv): ((up: IsUp) => void) | null {
  if (env[DETACHED] === undefined) return null;
  // Its workers are not on their own.
  delete env[DETACHED];
  // Until then the channel must not keep a process that cannot work.
  process.channel?.unref();
  return (up) => {
    if (!process.connected) return;
    process.send?.(up, () => {
      if (process.connected) process.disconnect();
    });
  };
}

/** Where the lines of a detached `df up` go: a file a day, kept as long as the program's own log. */
const logOf = (logs: string, now: Date): string => join(logs, `up.${now.toISOString().slice(0, 10)}.log`);

/**
 * Starts `df up` in a session of its own, so that it outlives this terminal, and waits until it is up or has ended. Ctrl-C meanwhile
 * ends it.
 *
 * @param args of `df up`
 */
export async function startDetached(
  { script, env, services }: Pick<CommandContext, 'script' | 'env' | 'services'>,
  args: readonly string[],
): Promise<Beginning> {
  const { home, clock } = await services();
  await home.prepare();
  mkdirSync(home.logs, { recursive: true, mode: FOLDER_MODE });
  const log = logOf(home.logs, clock.now());
  const before = (await stat(log).catch(expecting(isMissing, null)))?.size ?? 0;
  const file = openSync(log, 'a', FILE_MODE);
  const child = spawn(process.execPath, [...process.execArgv, script, 'up', ...args], {
    // The folder of this terminal may go; the home stays.
    cwd: home.root,
    detached: true,
    env: { ...env, DF_HOME: home.root, [DETACHED]: '1' },
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  const interrupts = listenForInterrupts({ unread: true });
  interrupts.first.addEventListener('abort', () => child.kill('SIGTERM'));
  try {
    return await new Promise<Beginning>((resolve, reject) => {
      child.once('error', reject);
      child.on('message', (message) => {
        const { data: up } = isUp.safeParse(message);
        if (up !== undefined) resolve({ up, pid: child.pid ?? 0, log });
      });
      child.once('exit', (code) => {
        lastWords(log, before).then(
          (said) => resolve({ exitCode: code ?? EXIT_CODE.failed, said, log }),
          reject,
        );
      });
    });
  } finally {
    interrupts.dispose();
    if (child.connected) child.disconnect();
    child.unref();
  }
}

async function lastWords(log: string, from: number): Promise<string> {
  return (await readFile(log)).subarray(from).toString('utf8').slice(-4_000).trim();
}
