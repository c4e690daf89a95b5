import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Milliseconds of processor time of some processes with the children they waited for, and of the whole machine, so far. */
export interface Cpu {
  own: number;
  busy: number;
  at: number;
}

/** Linux alone tells; elsewhere zero. */
export function cpuNow(pids: readonly number[]): Cpu {
  if (process.platform !== 'linux') return { own: 0, busy: 0, at: performance.now() };
  const own = pids.reduce((sum, pid) => sum + processTime(pid), 0);
  const [user = 0, nice = 0, system = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    ?.split(/\s+/)
    .slice(1)
    .map(Number) ?? [0, 0, 0];
  return { own, busy: (user + nice + system) * 10, at: performance.now() };
}

/** Fields 14 to 17 of /proc/<pid>/stat: its own time and that of its children that ended, in hundredths of a second. */
function processTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field) * 10, 0);
}

/** Shares of all processors between two looks: of these processes, and of everything that runs. From 0 to 1. */
export function cpuShare(before: Cpu, after: Cpu): { own: number; machine: number } {
  const all = (after.at - before.at) * availableParallelism();
  return { own: (after.own - before.own) / all, machine: (after.busy - before.busy) / all };
}

export const percent = (share: number) => `${Math.round(share * 100)} %`;
