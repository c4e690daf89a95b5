import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, processNamespace } from '../../lib/process/others.ts';
import { environmentsNow, killEach } from './kill.ts';

const NAME = 'DF_RUN';
/** Until killed processes are gone. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 20;

/**
 * `NAME=value` for the processes of one command: whose they are, and which run. The worker is named by its process namespace
 * and id, so that whoever finds such a process later can tell whether its worker still lives; the home in short, so that each
 * home fixes, and tells of, its own.
 */
export function newMark(home: string): string {
  return `${NAME}=${processNamespace()}.${process.pid}.${inShort(home)}.${randomUUID()}`;
}

/**
 * Ends what commands of a home left whose worker was killed. The kernel ends a sandbox with its worker; this is for those
 * without a process namespace (`sandbox-exec`, `off`), and for a kernel that forgot.
 *
 * @returns ids of the processes that were ended
 */
export async function endOrphans(home: string): Promise<number[]> {
  const ended = new Set<number>();
  // One look may miss who is just being born, and a busy machine takes its time over an end.
  const end = performance.now() + PATIENCE_MS;
  for (let left = orphansOf(home); left.length > 0 && performance.now() < end; left = orphansOf(home)) {
    for (const pid of left) ended.add(pid);
    killEach(left);
    await sleep(LOOK_MS);
  }
  return [...ended];
}

function orphansOf(home: string): number[] {
  const own = processNamespace();
  const mine = inShort(home);
  return environmentsNow().flatMap(({ pid, environment }) => {
    const [, namespace, worker, whose] =
      /(?:^|[\0\s])DF_RUN=(\w+)\.(\d+)\.([0-9a-f]{12})\.[0-9a-f-]{36}(?=[\0\s]|$)/.exec(environment) ?? [];
    return namespace === own && whose === mine && !isAlive(Number(worker)) ? [pid] : [];
  });
}

function inShort(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 12);
}
