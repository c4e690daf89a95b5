import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { several } from '../../lib/async/several.ts';
import type { Clock } from '../../lib/clock.ts';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { asEnvironmentError, FOLDER_MODE, makeFolder, syncFolder, writeNewFile } from '../files/files.ts';
import type { Home } from '../home/home.ts';

/** What a killed process left half made goes after this many milliseconds. */
const LEFT_OVER_MS = 60 * 60 * 1_000;

/** What a file begins with. `sameAs`: the file of that path under a second name; only for files that never change. */
export type NewFile = Buffer | { data: Buffer; executable: true } | { sameAs: string };

/** A project's folder to be, with its files by relative name. */
interface NewFolder {
  id: string;
  files: ReadonlyMap<string, NewFile>;
}

/** Folders written at once: the disk forces what several wait for in one go. */
const PARALLEL = 16;

/**
 * Writes the files of projects to folders aside, forces all of it to disk, and renames them: each appears whole, and where one cannot,
 * none stays. Throws `failed`/`project_exists`.
 */
export async function makeProjectFolders(
  { home, clock }: { home: Pick<Home, 'data' | 'projects'>; clock: Clock },
  projects: readonly NewFolder[],
): Promise<void> {
  // They are no projects yet, so they may not stand among them.
  const making = join(home.data, '.making');
  await removeLeftOvers(making, clock);
  const mark = randomBytes(4).toString('hex');
  const folders = projects.map(({ id, files }) => ({ id, files, aside: join(making, `${id}-${mark}`) }));
  const made: string[] = [];
  try {
    await several(PARALLEL, folders, ({ aside, files }) => writeAll(aside, files));
    await makeFolder(home.projects);
    for (const { id, aside } of folders) {
      await appear(aside, join(home.projects, id), id);
      made.push(join(home.projects, id));
    }
    await syncFolder(home.projects);
  } catch (error) {
    for (const each of [...made, ...folders.map(({ aside }) => aside)])
      await rm(each, { recursive: true, force: true });
    throw asEnvironmentError(error, home.projects);
  }
}

async function appear(aside: string, target: string, id: string): Promise<void> {
  try {
    await rename(aside, target);
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') throw exists(id);
    throw error;
  }
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
