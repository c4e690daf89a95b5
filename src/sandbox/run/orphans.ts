import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { environmentsNow, killEach } from './kill.ts';

const NAME = 'DF_RUN';

/**
 * `NAME=value` for the processes of one command: whose they are, and which run. The worker is named by its process namespace
 * and id, so that whoever finds such a process later can tell whether its worker still lives; the home in short, so that each
 * home mends, and tells of, its own.
 */
export function newMark(home: string): string {
  return `${NAME}=${namespaceNow()}.${process.pid}.${inShort(home)}.${randomUUID()}`;
}

/**
 * Ends what commands of a home left whose worker was killed. The kernel ends a sandbox with its worker; this is for those
 * without a process namespace (`sandbox-exec`, `off`), and for a kernel that forgot.
 *
 * @returns ids of the processes that were ended
 */
export function endOrphans(home: string): number[] {
  const own = namespaceNow();
  const mine = inShort(home);
  const orphans = environmentsNow().flatMap(({ pid, environment }) => {
    const [, namespace, worker, whose] =
      /(?:^|[\0\s])DF_RUN=(\w+)\.(\d+)\.([0-9a-f]{12})\.[0-9a-f-]{36}(?=[\0\s]|$)/.exec(environment) ?? [];
    return namespace === own && whose === mine && !isThere(Number(worker)) ? [pid] : [];
  });
  killEach(orphans);
  return orphans;
}

function inShort(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 12);
}

/** Ids mean something within one namespace alone. */
function namespaceNow(): string {
  return process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid').replace(/\D/g, '') : 'host';
}

/** A zombie is not: its children have another parent by now. */
function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  if (process.platform !== 'linux') return true;
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    // Gone in between.
    return false;
  }
}
