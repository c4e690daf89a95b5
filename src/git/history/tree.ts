import { readFileSync, statSync } from 'node:fs';
import { copyFile, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { DarkFactoryError } from '../../lib/failure.ts';
import { expectSuccess } from '../run/failures.ts';
import { type Git, withVariables } from '../run/git.ts';
import { inWorktree } from '../run/hold.ts';
import { countRacy, hashIndex, hashStage } from './index-file.ts';
import { kindOf, ours, requireFolder, requireWorktree, type Worktree } from '../run/places.ts';
import { stageAll } from '../commit/stage.ts';
import { locksOf } from '../run/stale.ts';

/** From so many entries on it is worth a git to spare the next one comparing their content. */
const MANY_RACY = 50;

/**
 * Hash over what a commit of the worktree would hold now: same paths, modes and content, same hash, whether committed
 * or not. Ignored files do not count.
 *
 * The factory keeps an index of its own beside the worktree's, so that only files that changed since the last call are
 * read; no object is written. One git when nothing changed, two when something did.
 */
export async function treeHash(git: Git, repository: string, folder: string): Promise<string> {
  const worktree = await requireWorktree(repository, folder);
  await requireFolder(worktree);
  const locks = locksOf(worktree, worktree.note.branch);
  const index = ours(worktree.admin, 'tree-index');
  return inWorktree(git, worktree, async (held) => {
    await takeOverIndex(worktree, index);
    const idLength = worktree.note.base.length / 2;
    const stage = () => stageAll(held, worktree, { index, infoOnly: true, locks });
    await stage().catch(async (error) => {
      if (!(error instanceof DarkFactoryError) || error.code !== 'git_failed') throw error;
      // It is only a cache: begin again without it.
      await rm(index, { force: true });
      await takeOverIndex(worktree, index);
      return stage();
    });
    return hashOf(withVariables(held, { GIT_INDEX_FILE: index }), worktree, index, idLength);
  });
}

async function hashOf(git: Git, worktree: Worktree, index: string, idLength: number): Promise<string> {
  const { mtimeMs } = statSync(index);
  const bytes = readFileSync(index);
  const hash = hashIndex(bytes, idLength);
  if (hash === null) {
    const rows = await git.worktree(worktree, ['ls-files', '-z', '--stage']);
    return hashStage(expectSuccess(rows, 'read the index').stdout);
  }
  const second = Math.floor(mtimeMs / 1_000);
  if (second < Math.floor(Date.now() / 1_000) && countRacy(bytes, idLength, second) > MANY_RACY)
    await git.worktree(worktree, ['update-index', '-q', '--refresh']);
  return hash;
}

/** The worktree's own index to begin with, so that unchanged files need not be read. */
export async function takeOverIndex(worktree: Worktree, index: string): Promise<void> {
  if ((await kindOf(index)) !== null) return;
  const own = join(worktree.admin, 'index');
  const { mtimeMs } = statSync(own);
  await copyFile(own, index);
  // git compares files with the time of the index; a younger copy would hide a change made in the same second.
  const second = Math.floor(mtimeMs / 1_000);
  await utimes(index, second, second);
}
