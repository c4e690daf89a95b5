import { link, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { newUuid } from './ids.ts';

const FREE = 'free';

export interface ProcessLockOptions {
  /** Give up after this many milliseconds. */
  deadline?: number;
  /** A holder is taken for dead after this many milliseconds, even if a process with its id lives. */
  maxHold?: number;
}

/** The lock was not to be had in time. */
export class LockTimeout extends Error {
  override readonly name = 'LockTimeout';
}

/**
 * Does `work` while no other process of this machine does work under the same `name` in `folder`. Documents, which several
 * machines share, are locked by `state/lock-file.ts`: ADR 18 says why there are two.
 *
 * The lock is a row of numbered files; the highest number holds. Each is made by one atomic link, so taking over from a
 * dead holder is the same act as taking a free lock: there is no moment at which a lock is broken by removing it, and so
 * no two processes that both believe they broke it.
 *
 * @param work gets `takenOver`: the holder before died (or hung) in the middle of its work
 * @throws LockTimeout
 */
export async function withProcessLock<T>(
  folder: string,
  name: string,
  work: (lock: { takenOver: boolean }) => Promise<T>,
  options: ProcessLockOptions = {},
): Promise<T> {
  const held = await acquire(folder, name, options.deadline ?? 30_000, options.maxHold ?? 60_000);
  try {
    return await work({ takenOver: held.takenOver });
  } finally {
    await replace(folder, held.file, FREE);
  }
}

/** Is there a process with this id? One of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function acquire(
  folder: string,
  name: string,
  deadline: number,
  maxHold: number,
): Promise<{ file: string; takenOver: boolean }> {
  const end = performance.now() + deadline;
  while (performance.now() < end) {
    const top = Math.max(0, ...(await numbers(folder, name)));
    const state = top === 0 ? 'free' : await stateOf(join(folder, `${name}-${top}`), maxHold);
    if (state === 'held') {
      await wait(5 + Math.random() * 10);
      continue;
    }
    const file = join(folder, `${name}-${top + 1}`);
    if (!(await create(folder, file, String(process.pid)))) continue;
    const all = await numbers(folder, name);
    // Our view was old: others went past this number and removed it. Theirs is the lock.
    if (Math.max(...all) > top + 1) {
      await rm(file, { force: true });
      continue;
    }
    await Promise.all(
      all.filter((n) => n <= top).map((n) => rm(join(folder, `${name}-${n}`), { force: true })),
    );
    return { file, takenOver: state === 'abandoned' };
  }
  throw new LockTimeout(`another process holds ${join(folder, name)} for more than ${deadline / 1_000} s`);
}

async function stateOf(file: string, maxHold: number): Promise<'free' | 'held' | 'abandoned'> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (text === FREE) return 'free';
    return isAlive(Number(text)) && Date.now() - mtimeMs < maxHold ? 'held' : 'abandoned';
  } catch (error) {
    // Removed by somebody who went past it: look again.
    if (isCode(error, 'ENOENT')) return 'held';
    throw error;
  }
}

async function numbers(folder: string, name: string): Promise<number[]> {
  const prefix = `${name}-`;
  return (await readdir(folder))
    .filter((entry) => entry.startsWith(prefix) && /^\d+$/.test(entry.slice(prefix.length)))
    .map((entry) => Number(entry.slice(prefix.length)));
}

/** With its content or not at all; `false` when it is there already. */
async function create(folder: string, file: string, text: string): Promise<boolean> {
  const aside = join(folder, `.${newUuid()}`);
  await writeFile(aside, text, { mode: 0o600 });
  try {
    await link(aside, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

async function replace(folder: string, file: string, text: string): Promise<void> {
  const aside = join(folder, `.${newUuid()}`);
  await writeFile(aside, text, { mode: 0o600 });
  await rename(aside, file);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
