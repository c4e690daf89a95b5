/**
 * Folders of projects that appear all or none, whoever is killed when.
 *
 * What is to appear lies whole and on disk in `data/.making`. A note there, on disk before the first rename, says which folders belong
 * together: from then on they count as made. Whoever finds a note of somebody who is gone finishes the renames.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { errorCode, isMissing, orNull } from '../../lib/errno.ts';
import { DarkFactoryError, isFailure } from '../../lib/failure.ts';
import { namesIn } from '../../lib/file-failure.ts';
import { parseJson } from '../../lib/record.ts';
import { fileKey, makeFolder, removeQuietly, syncFolder, writeNewFile } from '../files/files.ts';
import type { Locks } from '../files/lock.ts';
import type { Home } from '../home/home.ts';

export interface FolderDeps {
  home: Pick<Home, 'data' | 'projects'>;
  locks: Locks;
}

const note = z.object({ mark: z.string().regex(/^[0-9a-f]{8}$/), ids: z.array(z.uuid()).readonly() });
type Note = z.infer<typeof note>;
const NOTE = '.together';

export const makingFolder = (home: FolderDeps['home']): string => join(home.data, '.making');
const asideOf = (home: FolderDeps['home'], id: string, mark: string): string =>
  join(makingFolder(home), `${id}-${mark}`);
const noteOf = (home: FolderDeps['home'], mark: string): string => join(makingFolder(home), `${mark}${NOTE}`);
const projectOf = (home: FolderDeps['home'], id: string): string => join(home.projects, id);

/** Puts one folder in its place. Throws `failed`/`project_exists`. */
export async function appear(aside: string, target: string, id: string): Promise<void> {
  try {
    await rename(aside, target);
  } catch (error) {
    if (errorCode(error) === 'ENOTEMPTY' || errorCode(error) === 'EEXIST') throw exists(id);
    throw error;
  }
}

/**
 * Puts the folders `<id>-<mark>` in their places. When it throws, none is there.
 *
 * @throws DarkFactoryError `failed`/`project_exists`
 */
export async function appearTogether(deps: FolderDeps, mark: string, ids: readonly string[]): Promise<void> {
  const { home } = deps;
  const making = makingFolder(home);
  const file = noteOf(home, mark);
  await alone(deps, async () => {
    const taken = ids.find((id) => fileKey(projectOf(home, id)) !== null);
    if (taken !== undefined) throw exists(taken);
    await writeNewFile(`${file}.tmp`, JSON.stringify({ mark, ids } satisfies Note));
    await rename(`${file}.tmp`, file);
    await syncFolder(making);
    const made: string[] = [];
    try {
      for (const id of ids) {
        await appear(asideOf(home, id, mark), projectOf(home, id), id);
        made.push(id);
      }
      await syncFolder(home.projects);
    } catch (error) {
      // As long as the note is there all count as made, so it goes last.
      for (const id of made) await rename(projectOf(home, id), asideOf(home, id, mark));
      await syncFolder(home.projects);
      await removeQuietly(file);
      throw error;
    }
    await removeQuietly(file);
  });
}

/** Do the folders of this mark count as made? */
export const isPromised = (home: FolderDeps['home'], mark: string): boolean =>
  fileKey(noteOf(home, mark)) !== null;

/** Finishes what somebody who was killed has begun. Who is at it yet is waited for. */
export async function finishTogether(deps: FolderDeps, patienceMs?: number): Promise<void> {
  if ((await notesIn(deps.home)).length === 0) return;
  const finishAll = async () => {
    const { home } = deps;
    for (const name of await notesIn(home)) {
      const file = join(makingFolder(home), name);
      const text = await orNull(readFile(file, 'utf8'));
      const read = note.safeParse(parseJson(text ?? ''));
      if (!read.success) continue;
      const { mark, ids } = read.data;
      await makeFolder(home.projects);
      for (const id of ids) await finish(asideOf(home, id, mark), projectOf(home, id));
      await syncFolder(home.projects);
      await removeQuietly(file);
    }
  };
  await alone(deps, finishAll, patienceMs);
}

/** Milliseconds that a look waits for somebody who is at it, and may be suspended. */
const GLANCE_MS = 2_000;

/** The same for whoever only wants to look: where nothing can be written they see what is there. */
export async function finishTogetherIfPossible(deps: FolderDeps): Promise<void> {
  try {
    await finishTogether(deps, GLANCE_MS);
  } catch (error) {
    if (!isFailure(error) && errorCode(error) === undefined) throw error;
  }
}

async function finish(aside: string, target: string): Promise<void> {
  try {
    await rename(aside, target);
  } catch (error) {
    if (isMissing(error)) return;
    if (errorCode(error) !== 'ENOTEMPTY' && errorCode(error) !== 'EEXIST') throw error;
    await rm(aside, { recursive: true, force: true });
  }
}

async function notesIn(home: FolderDeps['home']): Promise<string[]> {
  return (await namesIn(makingFolder(home))).filter((name) => name.endsWith(NOTE));
}

function alone(deps: FolderDeps, work: () => Promise<void>, patienceMs?: number): Promise<void> {
  return deps.locks.withLock(join(deps.home.data, 'making'), work, patienceMs);
}

function exists(id: string): DarkFactoryError {
  return new DarkFactoryError('failed', 'project_exists', `Project ${id} exists already.`, 'See df list.');
}
