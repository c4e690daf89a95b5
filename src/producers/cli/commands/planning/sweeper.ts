import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeLeftFolders } from '../../../../lib/temporary-folder.ts';
import { endOrphans } from '../../../../sandbox/run/orphans.ts';
import type { CommandContext } from '../../framework/context.ts';

/** Between two looks whether a process that closed its pipe is gone, and how many there are. */
const LOOK_MS = 100;
const MOST_LOOKS = 100;

/**
 * A process that takes away what a rehearsal left when its own was killed: it hears the end of a pipe. In a session of its own, so that
 * Ctrl-C does not reach it.
 *
 * @returns ends it, for a rehearsal that has tidied up by itself
 */
export async function startSweeper({
  script,
  env,
  services,
}: Pick<CommandContext, 'script' | 'env' | 'services'>): Promise<() => Promise<void>> {
  const { home } = await services();
  const child = spawn(process.execPath, [...process.execArgv, script, 'rehearse', '--sweep', '-'], {
    cwd: home.root,
    detached: true,
    env: { ...env, DF_HOME: home.root },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // It only helps: where it cannot be started, workers and the next rehearsal sweep.
  child.once('error', () => undefined);
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'exit').catch(() => undefined);
  return async () => {
    child.kill('SIGKILL');
    if (child.pid !== undefined) await ended;
  };
}

/** In that process. */
export async function sweepAfterEnd({
  stdin,
  services,
}: Pick<CommandContext, 'stdin' | 'services'>): Promise<void> {
  for await (const _ of stdin); // until its other end closes
  const { rehearsals, home } = await services();
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    await endOrphans(home.root);
    if ((await rehearsals.sweep()).length > 0) break;
    await sleep(LOOK_MS);
  }
  removeLeftFolders();
}
