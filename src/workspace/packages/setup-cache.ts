import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { PruneLimits } from '../../factory/ports.ts';
import { errorCode, orNull } from '../../lib/errno.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { withLock } from '../../lib/locks/lock.ts';
import { createProcesses } from '../../lib/process/process.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import { sizeOf } from '../../lib/size-of.ts';
import { forceToDisk } from '../files.ts';

/** What a set-up made, as an entry of the cache says it. Paths are relative to the entry's `files`. */
const record = z.object({
  /** Installed packages: mounted read-only for commands. So called in entries that are there already. */
  lent: z.array(z.string()),
  /** Everything else: copied into each tree, for builds write to it. */
  copied: z.array(z.string()),
  /** Where the worktree appeared to the set-up; there when something that it made names the place. */
  place: z.string().optional(),
  bytes: z.number().default(0),
  /** Lock files that an install without one wrote. No tree gets them; the next install of the project begins with them. */
  resolved: z.array(z.string()).optional(),
});
export type Kept = z.infer<typeof record>;

export interface SetupEntry {
  /** Folder that holds the kept files. */
  files: string;
  kept: Kept;
}

export interface SetupCache {
  /**
   * The entry, made by `install` where it is not there. Of several processes that ask at once one installs, the others wait.
   * From now on it is in use by the project, until `release`.
   *
   * @param install fills the empty folder that it is given; what it throws is thrown here and nothing is kept
   * @param signal stops the waiting
   * @throws the signal's reason
   */
  obtain(
    key: string,
    projectId: string,
    install: (files: string) => Promise<Kept>,
    signal?: AbortSignal,
  ): Promise<SetupEntry>;
  release(projectId: string): Promise<void>;
  /** @returns bytes of what was removed */
  prune(limits: PruneLimits): Promise<{ entries: number; bytes: number }>;
}

/** Age of half-made and half-removed folders of processes that died. */
const LEFTOVER_MS = 24 * 60 * 60 * 1_000;

/**
 * Outcomes of set-ups, below one folder: `<key>/kept.json` and `<key>/files`, whole or not there at all. Only set-ups in
 * trees that no agent was in write here, and nothing in an entry is ever changed again.
 *
 * @param making where entries stand until they are whole
 * @param force has a folder on the disk, before an entry says that it is whole: a power cut would leave torn packages for everybody
 */
export function createSetupCache(folder: string, making = folder, force = forceToDisk): SetupCache {
  const claims = join(folder, 'claims');
  const locks = join(folder, 'locks');
  const processes = createProcesses();
  const entryOf = (key: string) => join(folder, key);

  async function read(key: string): Promise<SetupEntry | null> {
    const text = await orNull(readFile(join(entryOf(key), 'kept.json'), 'utf8'));
    if (text === null) return null;
    return { files: join(entryOf(key), 'files'), kept: record.parse(JSON.parse(text)) };
  }

  /** Written before the entry is looked for: who removes entries looks for claims after taking them out of the way. */
  async function claim(key: string, projectId: string): Promise<void> {
    await mkdir(claims, { recursive: true, mode: 0o700 });
    const file = join(claims, projectId);
    const known = (await orNull(readFile(file, 'utf8'))) ?? '';
    if (!known.split('\n').includes(key)) await appendFile(file, `${key}\n`, { mode: 0o600 });
  }

  async function claimed(isOpen: PruneLimits['isOpen'] = () => true): Promise<Set<string>> {
    const names = (await namesIn(claims)).filter(isOpen);
    const texts = await Promise.all(names.map((name) => orNull(readFile(join(claims, name), 'utf8'))));
    return new Set(texts.flatMap((text) => (text ?? '').split('\n')).filter((key) => key !== ''));
  }

  async function make(key: string, install: (files: string) => Promise<Kept>): Promise<SetupEntry> {
    const aside = join(making, `.new-${randomBytes(8).toString('hex')}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await mkdir(join(aside, 'files'), { recursive: true, mode: 0o700 });
    try {
      const kept = await install(join(aside, 'files'));
      const bytes = await sizeOf(join(aside, 'files'));
      await force(join(aside, 'files'));
      await writeFile(join(aside, 'kept.json'), JSON.stringify({ ...kept, bytes }), { flush: true });
      await putInPlace(aside, entryOf(key));
    } catch (error) {
      await removeTree(aside);
      throw error;
    }
    const made = await read(key);
    if (made === null) throw new Error(`the entry ${entryOf(key)} went as it was made`);
    return made;
  }

  return {
    async obtain(key, projectId, install, signal) {
      await claim(key, projectId);
      const before = await read(key);
      if (before !== null) {
        const now = new Date();
        await utimes(entryOf(key), now, now);
        return before;
      }
      await mkdir(locks, { recursive: true, mode: 0o700 });
      // For as long as it takes: an installation that gives no sign any more is given up by the lock itself.
      const options = { processes, patienceMs: Number.POSITIVE_INFINITY, ...(signal ? { signal } : {}) };
      return withLock(join(locks, key), options, async () => (await read(key)) ?? (await make(key, install)));
    },
    release: (projectId) => rm(join(claims, projectId), { force: true }),
    async prune({ now, maxBytes, maxAgeMs, isOpen, dryRun = false }) {
      if (isOpen !== undefined && !dryRun)
        for (const name of await namesIn(claims))
          if (!isOpen(name)) await rm(join(claims, name), { force: true });
      const used = await claimed(isOpen);
      const entries = await Promise.all(
        (await namesIn(folder))
          .filter((name) => /^[0-9a-f]{16,}$/.test(name))
          .map(async (key) => ({
            key,
            bytes: (await read(key))?.kept.bytes ?? 0,
            usedAt: (await orNull(stat(entryOf(key))))?.mtimeMs ?? 0,
          })),
      );
      let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
      const removed = { entries: 0, bytes: 0 };
      for (const { key, bytes, usedAt } of entries.sort((a, b) => a.usedAt - b.usedAt)) {
        const old = now.getTime() - usedAt >= maxAgeMs;
        if (used.has(key) || (!old && total <= maxBytes)) continue;
        if (!dryRun && !(await removeEntry(key))) continue;
        total -= bytes;
        removed.entries += 1;
        removed.bytes += bytes;
      }
      if (!dryRun) await removeLeftovers(now);
      return removed;
    },
  };

  /** `false` when somebody began to use it at this moment. */
  async function removeEntry(key: string): Promise<boolean> {
    const trash = join(folder, `.old-${randomBytes(8).toString('hex')}`);
    if ((await orNull(rename(entryOf(key), trash).then(() => true))) === null) return false;
    if ((await claimed()).has(key)) {
      await rename(trash, entryOf(key));
      return false;
    }
    await removeTree(trash);
    return true;
  }

  async function removeLeftovers(now: Date): Promise<void> {
    for (const name of await namesIn(folder)) {
      if (!/^\.(new|old)-/.test(name)) continue;
      const place = join(folder, name);
      const found = await orNull(stat(place));
      if (found !== null && now.getTime() - found.mtimeMs > LEFTOVER_MS) await removeTree(place);
    }
  }
}

/** The lock is one of this machine. Where another one that shares the folder was first, its entry is as good. */
async function putInPlace(aside: string, entry: string): Promise<void> {
  try {
    await rename(aside, entry);
  } catch (error) {
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    await removeTree(aside);
  }
}
