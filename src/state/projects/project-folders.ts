import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../lib/clock.ts';
import { errorCode, isMissing } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { asEnvironmentError, FOLDER_MODE, makeFolder, syncFolder, writeNewFile } from '../files/files.ts';
import type { Home } from '../home/home.ts';

/** What a killed process left half made goes after this many milliseconds. */
const LEFT_OVER_MS = 60 * 60 * 1_000;

/** What a file begins with. `sameAs`: the file of that path under a second name; only for files that never change. */
export type NewFile = Buffer | { data: Buffer; executable: true } | { sameAs: string };

/**
 * Writes `files` (by relative name) to a folder aside, forces all of it to disk, and renames it to `target`: a project appears whole.
 * Throws `failed`/`project_exists`.
 */
export async function makeProjectFolder(
  { home, clock }: { home: Pick<Home, 'data' | 'projects'>; clock: Clock },
  id: string,
  target: string,
  files: ReadonlyMap<string, NewFile>,
): Promise<void> {
  // It is no project yet, so it may not stand among them.
  const making = join(home.data, '.making');
  await removeLeftOvers(making, clock);
  const aside = join(making, `${id}-${randomBytes(4).toString('hex')}`);
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
