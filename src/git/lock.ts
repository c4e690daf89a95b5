import { linkSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { DarkFactoryError } from '../lib/failure.ts';
import { newUuid } from '../lib/ids.ts';
import { isAbsent, list, readText } from './places.ts';
import { processesWith, processNamespace, startOf } from './processes.ts';

/**
 * A git started under a lock carries the lock's token in this variable. git outlives a worker that is killed; whoever
 * takes the dead worker's lock over finds such a git by it, and ends it before touching what it works on.
 */
export const LOCK_VARIABLE = 'DF_GIT_LOCK';

/** A holder on another machine or in another container is dead when it gave no sign for this long. */
const SILENT_MS = 30_000;
const SIGN_EVERY_MS = 5_000;

const holderNote = z.object({
  token: z.string(),
  pid: z.number().int(),
  start: z.string().nullable(),
  /** Machine and process id namespace. */
  where: z.string(),
});
type Holder = z.infer<typeof holderNote>;

/** A lock file that a power cut left empty: dead once it is old enough. */
const UNREADABLE: Holder = { token: 'unreadable', pid: 0, start: null, where: 'unreadable' };

export interface LockOptions {
  /** What is locked, for the error message. */
  what: string;
  /** Give up after this many milliseconds. */
  patienceMs: number;
}

/**
 * Does `work` while nobody else, in this process or any other that shares the file system, holds `file`.
 *
 * Throws `failed`/`git_busy` when the patience ends. The lock of a process that died is taken over.
 *
 * @param work is given the variables that every git it starts must carry
 */
export async function withLock<T>(
  file: string,
  options: LockOptions,
  work: (variables: Record<string, string>) => Promise<T>,
): Promise<T> {
  const me: Holder = {
    token: newUuid(),
    pid: process.pid,
    start: await startOf(process.pid),
    where: `${hostname()} ${await processNamespace()}`,
  };
  await acquire(file, me, options);
  // A sign that fails is missed only by other machines, and the work itself will meet the same trouble.
  const sign = setInterval(() => touch(file).catch(() => {}), SIGN_EVERY_MS);
  sign.unref();
  try {
    return await work({ [LOCK_VARIABLE]: me.token });
  } finally {
    clearInterval(sign);
    await release(file, me);
  }
}

async function acquire(file: string, me: Holder, options: LockOptions): Promise<void> {
  const end = performance.now() + options.patienceMs;
  for (;;) {
    if (await place(file, me)) return;
    const holder = await read(file);
    if (holder !== null && (await isDead(file, holder, me))) {
      await bury(file, holder);
      continue;
    }
    if (performance.now() > end) throw busy(options, holder);
    await wait(5 + Math.random() * 20);
  }
}

/** With its content or not at all: a link is made only where there is nothing. */
async function place(file: string, me: Holder): Promise<boolean> {
  const aside = `${file}.${me.token}`;
  try {
    // The folder goes with the last worktree, so it may vanish at any moment before the link is there.
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(aside, JSON.stringify(me));
    linkSync(aside, file);
    return true;
  } catch (error) {
    if (isAbsent(error) || hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Removes what processes that died while they asked for the lock left beside it. */
export async function removeLeftOvers(file: string): Promise<void> {
  const me = { where: `${hostname()} ${await processNamespace()}` };
  for (const name of await list(dirname(file))) {
    if (!name.startsWith(`${basename(file)}.`)) continue;
    const path = join(dirname(file), name);
    const holder = await read(path);
    if (holder !== null && (await isDead(path, holder, me))) rmSync(path, { force: true });
  }
}

async function isDead(file: string, holder: Holder, me: Pick<Holder, 'where'>): Promise<boolean> {
  if (holder.where !== me.where) return (await silence(file)) > SILENT_MS;
  if (!isAlive(holder.pid)) return true;
  // The id may have gone to another process since.
  return holder.start !== null && holder.start !== (await startOf(holder.pid));
}

/**
 * Removes the lock of a dead holder. Only the one who links it to the holder's own grave name may; whoever comes late
 * finds that what it linked is not that holder's any more, and leaves the new lock alone.
 */
async function bury(file: string, dead: Holder): Promise<void> {
  const grave = `${file}.dead.${dead.token}`;
  try {
    linkSync(file, grave);
  } catch (error) {
    if (isAbsent(error)) return;
    if (!hasCode(error, 'EEXIST')) throw error;
    // Somebody else is at it; if it died over that, the next round finishes.
    if ((await silence(grave)) < SIGN_EVERY_MS) await wait(10);
    else rmSync(grave, { force: true });
    return;
  }
  if ((await read(grave))?.token === dead.token) {
    await endOrphans(dead.token);
    // Asked again: ending orphans takes time, and a grave that looks forgotten may be taken over.
    if ((await read(file))?.token === dead.token) rmSync(file, { force: true });
  }
  rmSync(grave, { force: true });
}

/** Ends what the dead holder left running: first so that git tidies up, then for certain. */
async function endOrphans(token: string): Promise<void> {
  const mark = `${LOCK_VARIABLE}=${token}`;
  for (let round = 0; round < 200; round++) {
    const orphans = await processesWith(mark);
    if (orphans.length === 0) return;
    for (const pid of orphans) signal(pid, round < 100 ? 'SIGTERM' : 'SIGKILL');
    await wait(20);
  }
}

async function release(file: string, me: Holder): Promise<void> {
  // It is another's when we were silent for so long that we were taken for dead.
  if ((await read(file))?.token === me.token) rmSync(file, { force: true });
}

async function read(file: string): Promise<Holder | null> {
  const text = await readText(file);
  if (text === null) return null;
  try {
    return holderNote.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return UNREADABLE;
    throw error;
  }
}

/** Milliseconds since the last sign of the holder; by the change time, which a link renews too. */
async function silence(file: string): Promise<number> {
  try {
    return Date.now() - statSync(file).ctimeMs;
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw error;
  }
}

async function touch(file: string): Promise<void> {
  await utimes(file, new Date(), new Date());
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function busy(options: LockOptions, holder: Holder | null): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'git_busy',
    `${options.what} is in use by process ${holder?.pid ?? 'unknown'} for more than ${Math.round(options.patienceMs / 1_000)} s`,
    'It is tried again; if that process hangs, end it.',
  );
}
