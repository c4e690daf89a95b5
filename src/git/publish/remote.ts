import { resolve } from 'node:path';
import type { PushTarget } from '../../factory/ports.ts';
import { usageError } from '../../lib/failure.ts';
import { type RepositoryConfig, remoteNames, setting } from '../run/config.ts';
import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { requireGitDirs } from '../run/places.ts';

/**
 * Where the owner would push a branch that is to be merged into `base`: to the remote of that branch, else to `origin`.
 *
 * Throws `usage`/`remote_missing`, `remote_several`.
 */
export async function pushTarget(
  git: Git,
  repository: string,
  base: string,
  wanted: string | undefined,
): Promise<PushTarget> {
  const dirs = await requireGitDirs(repository);
  const config = await git.config(dirs);
  const names = remoteNames(config);
  // The base may be given as the remote's own branch, `origin/main`.
  const tracked = names.find((name) => base.startsWith(`${name}/`));
  const own = setting(config, `branch.${base}.remote`) ?? undefined;
  const remote = wanted ?? tracked ?? (own !== undefined && names.includes(own) ? own : 'origin');
  if (!names.includes(remote))
    throw usageError(
      'remote_missing',
      `The repository ${repository} has no remote ${remote.slice(0, 80)}`,
      names.length === 0
        ? 'Add one: git remote add origin URL.'
        : `It has ${names.join(', ')}. Give one with --remote, or have the branch follow it: git branch --set-upstream-to ${names[0]}/${base} ${base}.`,
    );
  // git itself applies what the owner has set for addresses (insteadOf, pushInsteadOf).
  const asked = await git.repository(dirs, ['remote', 'get-url', '--push', '--all', remote]);
  const urls = expectSuccess(asked, `tell the address of ${remote}`)
    .stdout.toString('utf8')
    .trim()
    .split('\n');
  const [url = ''] = urls;
  if (urls.length !== 1)
    throw usageError(
      'remote_several',
      `The remote ${remote} is pushed to in ${urls.length} places`,
      'Add a remote with one address for this, and give it with --remote.',
    );
  return { remote, url: fromRepository(repository, url), base: nameThere(config, base, remote, tracked) };
}

/** The owner's git looks for a folder from the top of the checkout, the factory's runs elsewhere. */
function fromRepository(repository: string, url: string): string {
  const isFolder = url !== '' && !/^[^/]*:/.test(url);
  return isFolder ? resolve(repository, url) : url;
}

/** How the base branch is called at the remote. */
function nameThere(
  config: RepositoryConfig,
  base: string,
  remote: string,
  tracked: string | undefined,
): string {
  if (tracked !== undefined) return base.slice(tracked.length + 1);
  const merge =
    setting(config, `branch.${base}.remote`) === remote ? setting(config, `branch.${base}.merge`) : null;
  return merge?.replace(/^refs\/heads\//, '') ?? base;
}
