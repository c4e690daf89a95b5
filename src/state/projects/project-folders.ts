/** Folders of projects appear whole and disappear whole. */

import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { asEnvironmentError, FOLDER_MODE, makeFolder, syncFolder, writeNewFile } from '../files/files.ts';
import type { Home } from '../home/home.ts';
import { projectNotFound } from './project-list.ts';

/** What a killed process left half made or half removed goes after this many milliseconds. */
const LEFT_OVER_MS = 60 * 60 * 1_000;

/** What a file begins with. `sameAs`: the file of that path under a second name; only for files that never change. */
export type NewFile = Buffer | { data: Buffer; executable: true } | { sameAs: string };

export interface ProjectFolders {
  /**
   * Writes `files` (by relative name) to a folder aside, forces all of it to disk, and renames it to `target`.
   * Throws `failed`/`project_exists`.
   */
  make(id: string, target: string, files: ReadonlyMap<string, NewFile>): Promise<void>;
  /** Throws `not_found`/`project_not_found`. */
  remove(id: string, target: string): Promise<void>;
}

export function createProjectFolders(home: Pick<Home, 'data' | 'projects'>, clock: Clock): ProjectFolders {
  // Neither is a project, so neither may stand among them.
  const making = join(home.data, '.making');
  const removed = join(home.data, '.removed');
  const asideIn = (folder: string, id: string): string =>
    join(folder, `${id}-${randomBytes(4).toString('hex')}`);

  return {
    async make(id, target, files) {
      await removeLeftOvers(making, clock);
      const aside = asideIn(making, id);
      try {
        await writeAll(aside, files);
        await makeFolder(home.projects);
        await rename(aside, target);
        await syncFolder(home.projects);
      } catch (error) {
        await rm(aside, { recursive: true, force: true });
        if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') throw exists(id);
        throw asEnvironmentError(error, target);
      }
    },
    async remove(id, target) {
      const aside = asideIn(removed, id);
      try {
        await makeFolder(removed);
        // Gone in one step: a crash while deleting leaves no half project behind.
        await rename(target, aside);
        await syncFolder(home.projects);
      } catch (error) {
        if (isMissing(error)) throw projectNotFound(id);
        throw asEnvironmentError(error, target);
      }
      await rm(aside, { recursive: true, force: true });
      await removeLeftOvers(removed, clock);
    },
  };
}

async function writeAll(folder: string, files: ReadonlyMap<string, NewFile>): Promise<void> {
  const parents = [...files.keys()].flatMap(foldersOf);
  const folders = [...new Set(['agents', 'gates', 'output', ...parents])].map((name) => join(folder, name));
  for (const each of [folder, ...folders]) await mkdir(each, { recursive: true, mode: FOLDER_MODE });
  await Promise.all([...files].map(([name, file]) => writeOne(join(folder, name), file)));
  await Promise.all([folder, ...folders].map(syncFolder));
}

async function writeOne(path: string, file: NewFile): Promise<void> {
  if (Buffer.isBuffer(file)) await writeNewFile(path, file);
  else if ('sameAs' in file) await link(file.sameAs, path);
  else {
    await writeNewFile(path, file.data);
    await chmod(path, FOLDER_MODE);
  }
}

/** `a/b/c` lies in `a` and `a/b`. */
function foldersOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

async function removeLeftOvers(folder: string, clock: Clock): Promise<void> {
  await makeFolder(folder);
  const before = clock.now().getTime() - LEFT_OVER_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    try {
      if ((await stat(path)).mtimeMs < before) await rm(path, { recursive: true, force: true });
    } catch (error) {
      // Another process removed it.
      if (!isMissing(error)) throw error;
    }
  }
}

function exists(id: string): DarkFactoryError {
  return new DarkFactoryError('failed', 'project_exists', `Project ${id} exists already.`, 'See df list.');
}
