import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Launch } from '../mechanisms/mechanism.ts';

const ROOT = '/sys/fs/cgroup';
const PREFIX = 'dark-factory-';
/** Milliseconds. */
const YOUNG = 60_000;
/** Threads count too, and a Node process has a dozen; few of many processes do. */
const THREADS = 4;
const A_FEW_MORE = 256;
/** Of processor time, where the processes outside have 100; what `NICENESS` stands for. */
const CPU_WEIGHT = 33;
/** Milliseconds until a group whose last process was just ending is removed. */
const ENDING = 500;

/**
 * Starts the launch in a control group of its own with a bound of the kernel on its processes and threads. Needed where limits
 * by user do not bind (root): a watch that looks now and then comes too late for a fork bomb.
 *
 * @param own text of /proc/self/cgroup; see cgroups(7) for the two versions of control groups
 * @returns the launch as it is where no such group can be made: no root, no control groups, or none that counts processes
 */
export function capProcesses(launch: Launch, most: number, own = readOwn()): Launch {
  const folder = own === null ? null : makeGroup(own, most);
  if (folder === null) return launch;
  // A thread that enters by itself need not wait until nobody on the machine is just starting a process, which takes the kernel
  // more than ten milliseconds; only version 1 has a way in for threads.
  const forThreads = join(folder, 'tasks');
  return {
    ...launch,
    entrance: existsSync(forThreads) ? forThreads : join(folder, 'cgroup.procs'),
    after() {
      launch.after?.();
      removeGroup(folder);
    },
  };
}

/** Processes and threads that a command may have which may have so many processes. */
export function tasksOf(maxProcesses: number): number {
  return maxProcesses * THREADS + A_FEW_MORE;
}

/** Removes empty groups that killed processes left. @param now of this machine: younger ones may be just being entered */
export function sweepGroups(now: Date, own = readOwn()): void {
  const parent = own === null ? null : parentOf(own);
  if (parent === null || !existsSync(parent)) return;
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? now.getTime();
    if (now.getTime() - made > YOUNG) wasRemoved(folder);
  }
}

function readOwn(): string | null {
  return process.platform === 'linux' && process.getuid?.() === 0
    ? readFileSync('/proc/self/cgroup', 'utf8')
    : null;
}

function makeGroup(own: string, most: number): string | null {
  const parent = parentOf(own);
  if (parent === null) return null;
  const folder = join(parent, `${PREFIX}${randomBytes(6).toString('hex')}`);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'pids.max'), String(most), { flag: 'r+' });
    shareLittle(folder);
    return folder;
  } catch {
    // Read-only, as in most containers, or without the counter: the watch on the tree remains.
    if (existsSync(folder)) rmdirSync(folder);
    return null;
  }
}

/** A group with a processor time of its own competes as a whole, however far its processes stand back. */
function shareLittle(folder: string): void {
  const file = join(folder, 'cpu.weight');
  if (existsSync(file)) writeFileSync(file, String(CPU_WEIGHT), { flag: 'r+' });
}

/** The group of this process where processes are counted, in version 1 or 2. */
function parentOf(own: string): string | null {
  for (const line of own.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    if (controllers === 'pids') return join(ROOT, 'pids', path);
    if (controllers === '' && existsSync(join(ROOT, 'cgroup.controllers'))) return join(ROOT, path);
  }
  return null;
}

/**
 * Empty of processes, it can be removed; the last ones may be ending still. An empty group of a sandbox that is gone costs next to
 * nothing; the next sandbox removes it.
 */
function removeGroup(folder: string): void {
  if (!wasRemoved(folder)) setTimeout(() => wasRemoved(folder), ENDING).unref();
}

function wasRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false; // In use, or gone by itself.
  }
}
