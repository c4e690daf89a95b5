import type { Forge, ForgePull } from '../../factory/ports.ts';
import { forgeOf } from '../../factory/publishing/forge-of.ts';
import { DarkFactoryError, isFailure, usageError } from '../../lib/failure.ts';
import type { Services } from '../../services.ts';

/** A pull request, or at GitLab a merge request: `#12`, `!12`, its bare number, or its address, whichever of its pages it shows. */
const PULL = /^(?:([#!]?)(\d{1,9})|https?:\/\/\S+?\/(?:pull|merge_requests)\/(\d+)(?:[/?#]\S*)?)$/;

export interface PullToReview {
  forge: Forge;
  pull: ForgePull;
  /** Its commits, as a range. */
  range: string;
  about: string;
}

/**
 * The pull request that is meant, of the repository that the remote of the branch belongs to; `null`: it is no pull request that was said.
 *
 * @throws DarkFactoryError `not_found`/`pull_unknown`; `usage`: `forge_missing`, `pull_elsewhere`, `pull_not_fetched`; and what `Forge.pull` throws
 */
export async function findPull(
  { git, state, openForge }: Pick<Services, 'git' | 'state' | 'openForge'>,
  repository: string,
  of: string,
): Promise<PullToReview | null> {
  const [, mark, short, long] = PULL.exec(of) ?? [];
  const number = Number(short ?? long);
  if (!Number.isInteger(number)) return null;
  const known = async (reference: string) =>
    git.resolveCommit(repository, reference).catch((error: unknown) => {
      if (isFailure(error, 'base_branch_missing')) return null;
      throw error;
    });
  // A bare number may be the name of a branch, and digits the beginning of a commit.
  if (mark === '' && (await known(of)) !== null) return null;
  const { branch } = await git.inspectRepository(repository);
  const target = await git.pushTarget(repository, branch ?? 'main');
  const { config } = forgeOf(await state.forges().get(), target);
  if (long !== undefined && !of.toLowerCase().includes(`/${config.repository.toLowerCase()}/`))
    throw usageError(
      'pull_elsewhere',
      `${of} is not a pull request of ${config.repository}, which this repository belongs to`,
      'Go to the repository of the pull request, or name it with --repo.',
    );
  const forge = await openForge(config);
  const pull = await forge.pull(number).catch((error: unknown) => {
    if (!isFailure(error, 'forge_not_found')) throw error;
    throw new DarkFactoryError(
      'not_found',
      'pull_unknown',
      `There is no pull request ${number} of ${config.repository} at the forge ${config.id}, or its token may not see it`,
      'Look at its number there; an issue has none of these.',
    );
  });
  const base = (await known(`${target.remote}/${pull.base}`)) ?? (await known(pull.base));
  if (base === null || (await known(pull.commit)) === null)
    throw usageError(
      'pull_not_fetched',
      `The commits of the pull request ${number} are not here`,
      `Fetch them first: git fetch ${target.remote} ${pull.base} ${config.kind === 'github' ? `pull/${number}/head` : `merge-requests/${number}/head`}`,
    );
  return { forge, pull, range: `${base}..${pull.commit}`, about: `${pull.title}\n\n${pull.body}` };
}
