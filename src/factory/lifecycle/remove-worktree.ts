import type { Clock } from '../../lib/clock.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Project } from '../model/project.ts';
import type { GitManager } from '../ports.ts';

export interface RemoveDeps {
  git: Pick<GitManager, 'holdsWork' | 'commitChanges' | 'deleteWorktree'>;
  clock: Clock;
}

type Place = Pick<Project, 'id' | 'repository' | 'worktreePath'>;

/** Nothing that is tried again changes these. */
const UNSAVABLE: readonly string[] = ['worktree_missing', 'worktree_off_branch', 'not_a_repository'];

/**
 * Has `save` commit what lies in the worktree, if anything does.
 *
 * @returns whether anything was there
 *
 * Throws what `save` throws, and `failed`/`worktree_unsaved` where no commit can be made.
 */
export async function saveWorktree(
  { git }: Pick<RemoveDeps, 'git'>,
  { repository, worktreePath }: Place,
  save: () => Promise<unknown>,
): Promise<boolean> {
  if (!(await git.holdsWork(repository, worktreePath))) return false;
  try {
    await save();
    return true;
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || !UNSAVABLE.includes(error.code)) throw error;
    throw new DarkFactoryError(
      'failed',
      'worktree_unsaved',
      `what lies in ${worktreePath} cannot be committed, so it stays: ${error.message}`,
      'Look at it, and remove it by hand if nobody needs it.',
    );
  }
}

/**
 * The only way that a worktree goes: whatever lies in it is committed to its branch first, or it stays. It need not be
 * sound for that.
 *
 * Throws as `saveWorktree` does; nothing was removed then.
 */
export async function removeWorktree(
  deps: RemoveDeps,
  place: Place,
  {
    save = () => commitLeft(deps, place),
    saved,
  }: { save?: () => Promise<unknown>; saved?: () => Promise<void> } = {},
): Promise<void> {
  if (await saveWorktree(deps, place, save)) await saved?.();
  await deps.git.deleteWorktree(place.repository, place.worktreePath);
}

function commitLeft({ git, clock }: RemoveDeps, { id, repository, worktreePath }: Place) {
  const trailers = { project: id, step: `clean/${clock.now().toISOString()}` };
  const message = 'Keep what was left in the worktree';
  // What nobody can read cannot be kept, and would keep the worktree for ever.
  return git.commitChanges(repository, worktreePath, message, trailers, undefined, () => undefined);
}
