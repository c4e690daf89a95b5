import { isFailure } from '../../lib/failure.ts';
import { isOwnText } from '../model/forge/own-text.ts';
import type { Publication } from '../model/forge/publication.ts';
import type { Forge, ForgeCheck, ForgePull, ForgeReviewComment } from '../ports.ts';

/** What a forge says of a pull request. */
export interface Found {
  pull: ForgePull;
  /** The commit that branch and base have in common; `null`: none any more. */
  fork: string | null;
  checks: ForgeCheck[];
  comments: ForgeReviewComment[];
}

/** @returns `null`: the pull request is not there */
export async function look(
  forge: Forge,
  { number, commit }: Publication,
  listens: boolean,
): Promise<Found | null> {
  let pull: ForgePull;
  try {
    pull = await forge.pull(number);
  } catch (error) {
    if (isFailure(error, 'forge_not_found')) return null;
    throw error;
  }
  if (pull.state !== 'open' || pull.commit !== commit) return { pull, fork: null, checks: [], comments: [] };
  const said = listens
    ? [...(await forge.reviewComments(number)), ...(await forge.comments({ kind: 'pull', number }))]
    : [];
  return {
    pull,
    fork: await forge.fork(pull.base, commit),
    checks: await forge.checks({ number, commit }),
    // The factory writes in the name of whose token it has, who may be listed.
    comments: said.filter(({ body }) => !isOwnText(body)),
  };
}
