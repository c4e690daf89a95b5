import { constants } from 'node:fs';
import { access, cp, lstat, mkdir, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode, orNull } from '../lib/errno.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { runProgram } from '../lib/process/run-program.ts';

/** Files of a tree that an agent may have arranged: nothing here is written or read through a link of such a tree. */

/** A copy with times and links as they are; cloned where the file system can. `to` must not be there. */
async function copyTree(from: string, to: string): Promise<void> {
  // Node's own takes several times as long for the many small files of installed packages.
  if (process.platform === 'linux') {
    const copied = await runProgram('/bin/cp', ['-a', '--reflink=auto', '-T', '--', from, to], { env: {} });
    if (copied.problem === null) return;
    throw new Error(
      `${from} could not be copied to ${to}: ${copied.stderr.split('\n', 1)[0] || copied.problem}`,
    );
  }
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
  });
}

/** Moves a file or folder; copies it where the two places are on different file systems. */
export async function moveTree(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    await copyTree(from, to);
  }
}

/**
 * Forces all that was written below a folder to its disk, and whatever else its file system still holds back. Nothing where no
 * program does that: on macOS, with musl.
 *
 * Throws `environment`: `disk_full` or `disk_failure` where it could not be written.
 */
export async function forceToDisk(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const { stderr } = await runProgram('/bin/sync', ['-f', folder], { env: { LC_ALL: 'C' } });
  const why = /error syncing .*: (.+)$/m.exec(stderr)?.[1];
  if (why === undefined) return;
  throw new DarkFactoryError(
    'environment',
    /No space left|quota/.test(why) ? 'disk_full' : 'disk_failure',
    `${folder}: what was written there did not get to the disk: ${why}`,
    'Look after that disk; it goes on by itself.',
  );
}

/**
 * The absolute place of `path` in a tree, with its parents made; `null` where a link or a file stands in the way.
 *
 * @param path relative, without `..`
 */
async function placeIn(tree: string, path: string): Promise<string | null> {
  let at = await realpath(tree);
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  for (const part of parts) {
    at = join(at, part);
    const found = await lstatOrNull(at);
    if (found === null) await mkdir(at);
    else if (!found.isDirectory()) return null;
  }
  return join(at, name);
}

/** A mount needs something to cover: makes it where nothing stands. @returns whether `source` can be mounted there */
export async function makePlace(source: string, tree: string, path: string): Promise<boolean> {
  const wanted = await lstatOrNull(source);
  // A link would be followed on the host, and show what it leads to there.
  if (wanted === null || wanted.isSymbolicLink()) return false;
  const place = await placeIn(tree, path);
  if (place === null) return false;
  const found = await lstatOrNull(place);
  if (found !== null) return found.isDirectory() === wanted.isDirectory() && !found.isSymbolicLink();
  if (wanted.isDirectory()) await mkdir(place);
  else await writeFile(place, '', { flag: 'wx' });
  return true;
}

/** Puts a copy into a tree where nothing stands at its place. */
export async function copyInto(source: string, tree: string, path: string): Promise<void> {
  const place = await placeIn(tree, path);
  if (place !== null && (await lstatOrNull(place)) === null) await copyTree(source, place);
}

/** The real place of something below a folder; `null` when it is not there, or a link leads elsewhere. */
export async function realBelow(folder: string, path: string): Promise<string | null> {
  const place = join(await realpath(folder), path);
  const real = await orNull(realpath(place));
  return real === place ? real : null;
}

async function lstatOrNull(path: string) {
  return orNull(lstat(path));
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What tells one version of a program from another, without running it. */
export async function fingerprint(program: string): Promise<string> {
  const real = await realpath(program);
  const { size, mtimeMs } = await stat(real);
  return `${basename(program)} ${real} ${size} ${mtimeMs}${await chosenVersion(real)}`;
}

/** pyenv and its like put one script in front of all versions; a file beside it says which is meant. */
async function chosenVersion(real: string): Promise<string> {
  if (basename(dirname(real)) !== 'shims') return '';
  const chosen = await orNull(stat(join(dirname(dirname(real)), 'version')));
  return chosen === null ? '' : ` ${chosen.size} ${chosen.mtimeMs}`;
}
