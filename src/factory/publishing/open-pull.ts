/** The pull request of a branch: found, opened, or brought up to date. */
import { DarkFactoryError, isFailure } from '../../lib/failure.ts';
import type { Publication } from '../model/forge/publication.ts';
import type { Forge, ForgePull, NewPull } from '../ports.ts';
import { renewedBody } from './pull-body.ts';

/** A reply that was lost, or somebody who was quicker: then there is one, and it is found by its branch. */
export async function openPull(
  forge: Forge,
  before: ForgePull | undefined,
  pull: NewPull,
  commit: string,
): Promise<{ pull: ForgePull; created: boolean }> {
  if (before !== undefined) return { pull: await renew(forge, before, pull), created: false };
  try {
    return { pull: await forge.addPull(pull), created: true };
  } catch (error) {
    if (!isFailure(error, 'forge_away') && !isFailure(error, 'forge_refused')) throw error;
    const made = await findPull(forge, pull.branch, commit);
    if (made === undefined) throw error;
    return { pull: made, created: true };
  }
}

/**
 * The open one of this branch. One that was closed over this very commit is the answer to it: what was decided there is not asked again.
 *
 * Throws `failed`/`pull_closed`.
 */
export async function findPull(forge: Forge, branch: string, commit: string): Promise<ForgePull | undefined> {
  const pulls = await forge.pullsOf(branch);
  const open = pulls.find(({ state }) => state === 'open');
  const closed = open === undefined ? pulls.find((each) => each.commit === commit) : undefined;
  if (closed === undefined) return open;
  throw pullClosed(
    `The pull request ${closed.url} of this commit is ${closed.state} already`,
    closed.state === 'merged' ? 'There is nothing to publish.' : 'Open it again there, and ask again.',
  );
}

/** Whoever closes or merges what was published wants no further round of it by itself. Throws `failed`/`pull_closed`. */
export async function requireOpen(forge: Forge, { branch, number, url }: Publication): Promise<void> {
  const pulls = await forge.pullsOf(branch);
  const state = pulls.find((each) => each.number === number)?.state;
  if (state === 'open') return;
  throw pullClosed(
    `The pull request ${url} ${state === undefined ? 'is not there any more' : `was ${state}`}`,
    'df publish opens another one for what was done since.',
  );
}

function pullClosed(message: string, hint: string): DarkFactoryError {
  return new DarkFactoryError('failed', 'pull_closed', message, `Nothing was pushed. ${hint}`);
}

/** Title and what people wrote around the factory's part are theirs. */
async function renew(forge: Forge, before: ForgePull, { body, draft }: NewPull): Promise<ForgePull> {
  const change = { title: before.title, body: renewedBody(before.body, body), draft };
  if (change.body === before.body && draft === before.draft) return before;
  return forge.editPull(before, change);
}
