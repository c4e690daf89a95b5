import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  lstat,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expecting, hasCode, isUnseen, orNull } from '../../lib/errno.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { removeLeftLinks } from '../../lib/locks/lock-links.ts';
import { removeIfEmpty } from '../../lib/remove-tree.ts';
import { isTrue, setting } from '../run/config.ts';
import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { type GitDirs, kindOf, list, ours, replaceFile } from '../run/places.ts';

/**
 * `extensions.worktreeConfig`: settings for one worktree alone need it. It is the one thing that the factory changes in
 * the owner's configuration. The bytes before and after are kept below the git dir; with the last worktree of the
 * factory the bytes before are put back. Logins may be among them: only their owner can read them, and no sandbox shows them.
 *
 * Callers hold the lock of the repository.
 */
const EXTENSION = 'extensions.worktreeConfig';
/** `core.bare=true` and `core.worktree` would reach into every worktree once the extension is on (git-worktree(1)). */
const MOVED = ['core.bare', 'core.worktree'] as const;

const PRIVATE = 0o600;

const memory = (commonDir: string) => ({
  before: ours(commonDir, 'config.before'),
  after: ours(commonDir, 'config.after'),
  /** What was moved to `config.worktree` of the owner's own checkout; absent when nothing was. */
  moved: ours(commonDir, 'config.moved'),
});

export async function enableWorktreeConfig(git: Git, commonDir: string): Promise<void> {
  const dirs = { gitDir: commonDir, commonDir };
  const config = await git.config(dirs);
  const { before, after } = memory(commonDir);
  // Earlier versions left them for everybody to read. Those of another user of the repository are that one's.
  for (const file of [before, after]) await orNull(chmod(file, PRIVATE), isUnseen);
  if (isTrue(setting(config, EXTENSION.toLowerCase()))) return;
  const moves: { key: string; value: string }[] = [];
  for (const key of MOVED) {
    const value = setting(config, key);
    if (key === 'core.bare' ? isTrue(value) : typeof value === 'string')
      moves.push({ key, value: value ?? 'true' });
  }
  await editConfig(commonDir, async (file) => {
    await replaceFile(before, await readFile(file), PRIVATE);
    if (moves.length > 0) await moveToMain(git, commonDir, moves, file);
    await set(git, dirs, file, EXTENSION, 'true');
    await replaceFile(after, await readFile(file), PRIVATE);
  });
}

/**
 * Takes the extension back if the factory set it and nobody else came to need it. Harmless when it did not. What another user of
 * the repository had it change, that one takes back.
 */
export async function disableWorktreeConfig(git: Git, commonDir: string): Promise<void> {
  const { before, after, moved } = memory(commonDir);
  const original = await bytes(before).catch(expecting(isAnothers, undefined));
  if (original === undefined) return;
  if (original !== null && !(await isNeeded(commonDir))) {
    const [expected, movedAway] = [await bytes(after), await bytes(moved)];
    await editConfig(commonDir, async (file) => {
      const current = await readFile(file);
      if (expected !== null && current.equals(expected))
        // Into the copy that is there, which has the mode of the owner's file.
        await writeFile(file, original, { flush: true });
      else if (!current.equals(original)) await takeBack(git, commonDir, file, before);
    });
    if (movedAway !== null) await rm(join(commonDir, 'config.worktree'), { force: true });
  }
  // All names, for whoever dies as it writes one of these files leaves another beside it.
  const rest = (await list(ours(commonDir))).filter((name) => name.startsWith('config.'));
  await Promise.all(rest.map((name) => rm(ours(commonDir, name), { force: true })));
}

/** Removes the factory's folder in the common dir when nothing is in it; a lock that somebody waits with keeps it. */
export async function removeMemory(commonDir: string): Promise<void> {
  removeLeftLinks(ours(commonDir, 'lock'));
  await removeIfEmpty(ours(commonDir));
}

/** Another worktree, or the owner's checkout, has settings of its own by now. */
async function isNeeded(commonDir: string): Promise<boolean> {
  const { moved } = memory(commonDir);
  const main = await bytes(join(commonDir, 'config.worktree'));
  const asMoved = await bytes(moved);
  if (main !== null && !(asMoved !== null && main.equals(asMoved))) return true;
  for (const name of await list(join(commonDir, 'worktrees')))
    if ((await kindOf(join(commonDir, 'worktrees', name, 'config.worktree'))) !== null) return true;
  return false;
}

/** The documented way: the setting goes to the owner's own checkout before it leaves the shared file. */
async function moveToMain(
  git: Git,
  commonDir: string,
  moves: readonly { key: string; value: string }[],
  file: string,
): Promise<void> {
  const dirs = { gitDir: commonDir, commonDir };
  const main = join(commonDir, 'config.worktree');
  const { moved } = memory(commonDir);
  const [there, noted] = [await bytes(main), await bytes(moved)];
  const isOwners = there !== null && !(noted !== null && there.equals(noted));
  for (const { key, value } of moves) {
    await set(git, dirs, isOwners ? main : moved, key, value);
    const removal = await git.repository(dirs, ['config', '--file', file, '--unset-all', key]);
    expectSuccess(removal, `move ${key} to ${main}`);
  }
  if (isOwners) return;
  // By way of the factory's folder: nothing is left among the owner's files by a program that dies in here.
  const copy = ours(commonDir, 'config.main');
  await replaceFile(copy, await readFile(moved));
  await rename(copy, main);
}

/** The owner changed the configuration meanwhile: only what the factory did is undone. */
async function takeBack(git: Git, commonDir: string, file: string, before: string): Promise<void> {
  const dirs = { gitDir: commonDir, commonDir };
  // Exit code 5: it is not set any more.
  await git.repository(dirs, ['config', '--file', file, '--unset-all', EXTENSION]);
  for (const key of MOVED) {
    const was = await git.repository(dirs, ['config', '--file', before, '--get', key]);
    const is = await git.repository(dirs, ['config', '--file', file, '--get', key]);
    if (was.code === 0 && is.code !== 0)
      await set(git, dirs, file, key, was.stdout.toString('utf8').replace(/\n$/, ''));
  }
}

async function set(git: Git, dirs: GitDirs, file: string, key: string, value: string): Promise<void> {
  expectSuccess(
    await git.repository(dirs, ['config', '--file', file, key, value]),
    `write ${key} to ${file}`,
  );
}

/**
 * Changes a copy and puts it in place by one rename under git's own lock, so that nobody ever reads a half-changed
 * configuration and no change of another git is lost. `edit` is given the copy's name.
 *
 * Throws `failed`/`git_locked` when somebody else keeps the lock for two seconds.
 */
async function editConfig(commonDir: string, edit: (file: string) => Promise<void>): Promise<void> {
  // It may be a link to that of another repository, whose lock counts then and whose place stays a link.
  const config = await realpath(join(commonDir, 'config'));
  const lock = `${config}.lock`;
  const copy = ours(commonDir, 'config.new');
  // A program that died in here left a lock that is a link to its copy.
  if (await areOneFile(lock, copy)) await rm(lock, { force: true });
  for (let attempt = 0; attempt < 20; attempt++) {
    const current = await readFile(config);
    await rm(`${copy}.lock`, { force: true });
    await replaceFile(copy, current, (await stat(config)).mode & 0o777);
    await edit(copy);
    if (await claim(copy, lock)) {
      const unchanged = current.equals(await readFile(config));
      if (unchanged) await rename(lock, config);
      else await rm(lock, { force: true });
      // Another name of the configuration now; nothing may write through it.
      await rm(copy, { force: true });
      if (unchanged) return;
    }
    await wait(100);
  }
  throw new DarkFactoryError(
    'failed',
    'git_locked',
    `${lock} is there: another git changes the configuration, or one died over it`,
    'Wait for that git to end. If none is running, remove the file.',
  );
}

/** A link makes the whole lock at once; one on another disk is written, as git writes its own. */
async function claim(copy: string, lock: string): Promise<boolean> {
  return link(copy, lock)
    .catch((error: unknown) => {
      if (!hasCode(error, 'EXDEV')) throw error;
      return copyFile(copy, lock, constants.COPYFILE_EXCL);
    })
    .then(
      () => true,
      expecting((error) => hasCode(error, 'EEXIST'), false),
    );
}

async function areOneFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([orNull(lstat(one)), orNull(lstat(other))]);
  return a !== null && a.ino === b?.ino && a.dev === b.dev;
}

const isAnothers = (error: unknown): boolean => hasCode(error, 'EACCES', 'EPERM');

async function bytes(file: string): Promise<Buffer | null> {
  return orNull(readFile(file));
}
