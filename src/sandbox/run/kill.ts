import { execFileSync } from 'node:child_process';
import { processesWith, processIds, readProc } from '../../lib/process/others.ts';
import { descendants } from './process-tree.ts';

/** More rounds than this are no race any more. */
const ROUNDS = 20;
/** Of a bomb not all are listed before the first are ended. */
const MOST = 1_000;

/**
 * Ends a sandbox that has a process namespace: kills the namespace's first process, with which the kernel ends all others;
 * the starter ends by itself when they are gone, so that its end is the proof. Before there is a first process, the
 * starter's group.
 *
 * @param starter our child, not yet reaped
 */
export function killNamespace(starter: number): void {
  const [first] = descendants(starter, 1);
  if (first === undefined) kill(-starter);
  else kill(first);
}

/** The hard way, when the gentle one had no effect: the starter and its group; what lives in the namespace dies with it. */
export function killStarter(starter: number): void {
  kill(-starter);
  kill(starter);
}

/**
 * Ends a tree without a process namespace: by group (one call, which no fork escapes), then by descent and by a mark in the
 * environment those that left the group. Repeats until none is found, for a look may race with a fork.
 *
 * @param mark `NAME=value` that every process of the tree was born with
 */
export function killMarked(starter: number, mark: string): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const below = descendants(starter, MOST);
    kill(-starter);
    below.forEach(kill);
    const left = marked(mark);
    left.forEach(kill);
    if (left.length === 0) return;
  }
}

/** Living processes born with `mark` in their environment. */
export function marked(mark: string): number[] {
  const pids = process.platform === 'linux' ? processesWith(mark) : markedInListing(listProcesses(), mark);
  return pids.filter((pid) => pid > 1 && pid !== process.pid);
}

/** Every process that may be looked at, with its environment; where there is no /proc, with its arguments in front. */
export function environmentsNow(): { pid: number; environment: string }[] {
  if (process.platform !== 'linux')
    return listProcesses()
      .split('\n')
      .map((line) => ({ pid: Number.parseInt(line, 10), environment: line }))
      .filter(({ pid }) => pid > 1 && pid !== process.pid);
  return (processIds() ?? [])
    .filter((pid) => pid > 1 && pid !== process.pid)
    .map((pid) => ({ pid, environment: readProc(pid, 'environ') ?? '' }));
}

export function killEach(pids: readonly number[]): void {
  pids.forEach(kill);
}

/** Where there is no /proc: `ps` shows the environment of one's own processes behind their arguments. */
function listProcesses(): string {
  return execFileSync('/bin/ps', ['-axwwE', '-o', 'pid=,command='], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Ids of the lines of such a list that hold the mark as a word. */
export function markedInListing(listing: string, mark: string): number[] {
  return listing
    .split('\n')
    .filter((line) => line.split(/\s+/).includes(mark))
    .map((line) => Number.parseInt(line, 10));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself in between: what was wanted.
  }
}
