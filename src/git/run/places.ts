import { lstatSync, opendirSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { isOpened } from '../../lib/clear-way.ts';
import { orNullSync } from '../../lib/errno.ts';
import { DarkFactoryError, usageError } from '../../lib/failure.ts';
import { newUuid } from '../../lib/ids.ts';
import { parseJson } from '../../lib/record.ts';

/*
 * Looking up a worktree reads a dozen tiny files before every git call. They are read synchronously, a few microseconds
 * each; by way of the thread pool they cost more than the git that follows when the machine is busy.
 */

/** A checkout of the owner: its own git dir and the one all its worktrees share. */
export interface GitDirs {
  gitDir: string;
  commonDir: string;
}

/** A worktree of the factory. Everything about it lies in `admin`, which no agent can write. */
export interface Worktree {
  commonDir: string;
  /** `<commonDir>/worktrees/<name>`: its git dir. */
  admin: string;
  /** The checked-out folder, which the agent writes. */
  folder: string;
}

/** What the factory wrote down about its worktree when it was complete. */
const worktreeNote = z.object({
  branch: z.string().min(1),
  /** The commit that the project started from. */
  base: z.string().regex(/^[0-9a-f]{40,64}$/),
});
export type WorktreeNote = z.infer<typeof worktreeNote>;
export type NotedWorktree = Worktree & { note: WorktreeNote };

/** The factory's folder in a git dir: below the common dir its lock and memory, below an admin dir all of a worktree. */
export const FACTORY_FOLDER = 'dark-factory';
export const ours = (dir: string, ...path: string[]) => join(dir, FACTORY_FOLDER, ...path);
/** The index that a hash over the files is made with. */
export const treeIndex = ({ admin }: Worktree) => ours(admin, 'tree-index');
/** The index that the files are compared with and moved by; the worktree's own stays as it is until they are there. */
export const advanceIndex = ({ admin }: Worktree) => ours(admin, 'advance-index');

/**
 * Finds the git dirs of a checkout from its `.git` without starting git. Only for the owner's repository, which agents
 * cannot write; a worktree of the factory is found from the common dir instead.
 *
 * @returns `null` when `folder` is not the top of a checkout
 */
export async function gitDirsOf(folder: string): Promise<GitDirs | null> {
  const dotGit = join(folder, '.git');
  const kind = await kindOf(dotGit);
  const found = kind === 'file' ? await linkOf(folder) : kind === null ? null : dotGit;
  if (found === null || (await kindOf(found)) === null) return null;
  const gitDir = realpathSync.native(found);
  const common = await readText(join(gitDir, 'commondir'));
  const commonDir = common === null ? gitDir : realpathSync.native(resolve(gitDir, common.trim()));
  return (await readText(join(gitDir, 'HEAD'))) === null ? null : { gitDir, commonDir };
}

/** Throws `usage`/`not_a_repository`. */
export async function requireGitDirs(repository: string): Promise<GitDirs> {
  const dirs = await gitDirsOf(repository);
  if (dirs !== null) return dirs;
  throw usageError(
    'not_a_repository',
    `${repository} is not a git repository (any more)`,
    'Give the top folder of a repository; if it was moved, move it back.',
  );
}

/** The registration of a worktree whose folder may be gone, or hold a forged `.git`. */
export async function findWorktree(commonDir: string, folder: string): Promise<Worktree | null> {
  const place = await canonical(folder);
  const root = join(commonDir, 'worktrees');
  const isItsOwn = async (name: string): Promise<boolean> => {
    const admin = join(root, name);
    const link = await readText(join(admin, 'gitdir'));
    if (link === null) return false;
    const target = resolve(admin, link.trim());
    // git writes down where the folder really is. To follow the path of each of a thousand others would take long.
    const mayBe = basename(target) === '.git' && basename(dirname(target)) === basename(place);
    return mayBe && (await canonical(dirname(target))) === place;
  };
  const found = (name: string) => ({ commonDir, admin: join(root, name), folder: place });
  // Nearly always: git names the entry after the folder.
  const likely = basename(place);
  if (await isItsOwn(likely)) return found(likely);
  for (const name of await list(root)) if (name !== likely && (await isItsOwn(name))) return found(name);
  return null;
}

/** Throws `failed`/`worktree_missing` when it is not registered, was never completed, or its registration says nothing any more. */
export async function requireWorktree(repository: string, folder: string): Promise<NotedWorktree> {
  const worktree = await requireNoted(repository, folder);
  const blank = await blankOf(worktree);
  if (blank.length > 0) throw missing(`${blank.join(' and ')} of the worktree ${folder} is empty`);
  return worktree;
}

/** The same, for those that put right what a registration has lost. */
export async function requireNoted(repository: string, folder: string): Promise<NotedWorktree> {
  const { commonDir } = await requireGitDirs(repository);
  const worktree = await findWorktree(commonDir, folder);
  const note = worktree === null ? null : await readNote(worktree);
  if (worktree === null || note === null) throw missing(`${folder} is not a worktree of ${repository}`);
  return { ...worktree, note };
}

/** Files of a registration that say nothing: git forces none to the disk, so a power cut may leave them empty, or full of NUL. */
export async function blankOf({ admin }: Worktree): Promise<string[]> {
  const blank: string[] = [];
  for (const name of ['HEAD', 'commondir'])
    if (/^[\s\0]*$/.test((await readText(join(admin, name))) ?? '')) blank.push(join(admin, name));
  return blank;
}

/**
 * Opens the folder where an agent has closed it. Throws `failed`/`worktree_missing` when it was removed, or emptied with its
 * `.git`: to git every file would look deleted.
 */
export async function requireFolder({ folder }: Worktree): Promise<void> {
  if (isOpened(folder) && holdsAny(folder)) return;
  throw missing(`the worktree ${folder} is gone`);
}

/** `null`: not written (yet), or not readable as one. Then the worktree was never completed. */
export async function readNote(worktree: Worktree): Promise<WorktreeNote | null> {
  const text = await readText(ours(worktree.admin, 'worktree.json'));
  if (text === null) return null;
  return worktreeNote.safeParse(parseJson(text)).data ?? null;
}

export async function writeNote(worktree: Worktree, note: WorktreeNote): Promise<void> {
  await replaceFile(ours(worktree.admin, 'worktree.json'), `${JSON.stringify(note)}\n`);
}

export function missing(message: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'worktree_missing',
    message,
    'It was removed by hand, never finished, or damaged by a crash; it is put right, or made again from its branch, when the project goes on.',
  );
}

/** Whole or not at all; makes the folder. */
export async function replaceFile(file: string, content: string | Buffer, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${newUuid()}`;
  await writeFile(aside, content, { mode, flush: true });
  await rename(aside, file);
}

/** One spelling per folder, also for one that is not there: the real path of its parent and its name. */
export async function canonical(folder: string): Promise<string> {
  const path = resolve(folder);
  return orNullSync(() => join(realpathSync.native(dirname(path)), basename(path))) ?? path;
}

/** Content of a file, `null` when it is not there. */
export async function readText(file: string): Promise<string | null> {
  return orNullSync(() => readFileSync(file, 'utf8'));
}

/** Names in a folder; none when it is not there. */
export async function list(folder: string): Promise<string[]> {
  return orNullSync(() => readdirSync(folder)) ?? [];
}

/** Whether there is anything in a folder, but for one name. An agent's may have millions of entries: they are not listed for it. */
export function holdsAny(path: string, except?: string): boolean {
  const folder = orNullSync(() => opendirSync(path));
  if (folder === null) return false;
  try {
    for (let entry = folder.readSync(); entry !== null; entry = folder.readSync())
      if (entry.name !== except) return true;
    return false;
  } finally {
    folder.closeSync();
  }
}

/** Whether a worktree's folder, which is opened, holds files. A `.git` alone is what a killed git leaves, or an emptied worktree. */
export async function holdsFiles(folder: string): Promise<boolean> {
  return isOpened(folder) && holdsAny(folder, '.git');
}

/** Where the files of a worktree wait while it is registered again. */
export const asideOf = (folder: string): string => `${folder}.kept`;

/** What lies at a path, symbolic links not followed; `null` for nothing. */
export async function kindOf(path: string): Promise<'folder' | 'file' | 'other' | null> {
  const found = orNullSync(() => lstatSync(path));
  return found && (found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other');
}

/** Where the `.git` file of a folder points; `null` when there is no such file. Not proof of anything: agents see it. */
export async function linkOf(folder: string): Promise<string | null> {
  const path = join(folder, '.git');
  if ((await kindOf(path)) !== 'file') return null;
  const target = /^gitdir: (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1];
  return target === undefined ? null : resolve(folder, target);
}
