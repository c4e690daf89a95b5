import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { several } from '../../lib/async/several.ts';
import type { Clock } from '../../lib/clock.ts';
import { isMissing } from '../../lib/errno.ts';
import { asEnvironmentError, FOLDER_MODE, makeFolder, syncFolder, writeNewFile } from '../files/files.ts';
import {
  appear,
  appearTogether,
  type FolderDeps,
  finishTogether,
  isPromised,
  makingFolder,
} from './appear-together.ts';

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
 * none stays. Of a process that is killed meanwhile all stay or none (see `appear-together.ts`). Throws `failed`/`project_exists`.
 */
export async function makeProjectFolders(
  deps: FolderDeps & { clock: Clock },
  projects: readonly NewFolder[],
): Promise<void> {
  const { home, clock } = deps;
  // They are no projects yet, so they may not stand among them.
  const making = makingFolder(home);
  await finishTogether(deps);
  await removeLeftOvers(making, clock);
  const mark = randomBytes(4).toString('hex');
  const folders = projects.map(({ id, files }) => ({ id, files, aside: join(making, `${id}-${mark}`) }));
  try {
    await several(PARALLEL, folders, ({ aside, files }) => writeAll(aside, files));
    await makeFolder(home.projects);
    const ids = projects.map(({ id }) => id);
    const [only] = folders;
    if (only !== undefined && folders.length === 1)
      await appear(only.aside, join(home.projects, only.id), only.id);
    else await appearTogether(deps, mark, ids);
    await syncFolder(home.projects);
  } catch (error) {
    // Where not even taking them back went well, whoever comes next finishes them.
    if (!isPromised(home, mark))
      for (const { aside } of folders) await rm(aside, { recursive: true, force: true });
    throw asEnvironmentError(error, home.projects);
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
