import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Milliseconds of processor time so far. */
export interface Cpu {
  /** Of some processes themselves. */
  own: number;
  /** Of the children that they waited for, and of those that live, with theirs. */
  children: number;
  /** Of everything that runs. */
  busy: number;
  at: number;
}

/** Linux alone tells; elsewhere zero. */
export function cpuNow(pids: readonly number[]): Cpu {
  if (process.platform !== 'linux') return { own: 0, children: 0, busy: 0, at: performance.now() };
  const times = pids.map(processTimes);
  const sum = (from: number) =>
    times.reduce((all, time) => all + (time[from] ?? 0) + (time[from + 1] ?? 0), 0);
  const [user = 0, nice = 0, system = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    ?.split(/\s+/)
    .slice(1)
    .map(Number) ?? [0, 0, 0];
  const living = pids.flatMap(childrenOf).flatMap(processTimes);
  const children = sum(2) + living.reduce((all, time) => all + time, 0);
  return { own: sum(0), children, busy: (user + nice + system) * 10, at: performance.now() };
}

/** Fields 14 to 17 of /proc/<pid>/stat: its own time and that of its children that ended, by user and system. */
function processTimes(pid: number): number[] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).map((hundredths) => Number(hundredths) * 10);
}

/** One that ended meanwhile has been counted with its parent, or will be. */
function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'));
  return lists
    .flatMap((list) => list.split(' ').filter(Boolean).map(Number))
    .filter((child) => existsSync(`/proc/${child}`));
}

/** Between two looks. */
export function cpuBetween(before: Cpu, after: Cpu): Omit<Cpu, 'at'> {
  return {
    own: after.own - before.own,
    children: after.children - before.children,
    busy: after.busy - before.busy,
  };
}

/** Shares of all processors between two looks: of these processes, and of everything that runs. From 0 to 1. */
export function cpuShare(before: Cpu, after: Cpu): { own: number; machine: number } {
  const all = (after.at - before.at) * availableParallelism();
  const { own, children, busy } = cpuBetween(before, after);
  return { own: (own + children) / all, machine: busy / all };
}

export const percent = (share: number) => `${Math.round(share * 100)} %`;
