import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Applied, ApplyOrder } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { Signing } from '../commit/signing.ts';
import { resolveCommit } from '../history/inspect.ts';
import { setting } from '../run/config.ts';
import { complaint, expectSuccess } from '../run/failures.ts';
import { type Git, rowsOf, splitNul } from '../run/git.ts';
import { inRepository } from '../run/hold.ts';
import { DURABLE, identity } from '../run/identity.ts';
import { type GitDirs, requireGitDirs } from '../run/places.ts';
import { CHECKOUT } from '../run/run.ts';
import { changesBetween, inTheWay } from './between.ts';
import { mergeCommits } from './merge.ts';

/** What a merge, rebase or pick that the owner is in the midst of leaves in the git dir. */
const UNDER_WAY = [
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'rebase-merge',
  'rebase-apply',
  'BISECT_LOG',
];

/**
 * Merges a commit into the branch that is checked out in the owner's repository, as `git merge` would, but without any program that
 * the merged work could have chosen: hooks, drivers and the repository's own filters are off. The merge is made as objects first, so
 * that a conflict leaves everything as it was; then files and index, then the branch.
 *
 * Throws `failed`: `checkout_detached`, `checkout_busy`, `checkout_dirty`, `merge_conflict`, `checkout_in_the_way`, `checkout_moved`,
 * `repository_filters`, `unrelated_commits`; `usage`/`not_a_repository`.
 */
export async function applyCommit(git: Git, order: ApplyOrder, signing: Signing): Promise<Applied> {
  const dirs = await requireGitDirs(order.repository);
  return inRepository(git, dirs.commonDir, (held) => apply(held, dirs, order, signing));
}

async function apply(git: Git, dirs: GitDirs, order: ApplyOrder, signing: Signing): Promise<Applied> {
  const { repository, squash } = order;
  const head = await git.repository(dirs, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (head.code !== 0)
    throw refused(
      'checkout_detached',
      `${repository} has no branch checked out`,
      'Switch to the branch that is to get the work: git switch <branch>.',
    );
  const branch = head.stdout.toString('utf8').trim();
  const busy = UNDER_WAY.find((name) => existsSync(join(dirs.gitDir, name)));
  if (busy !== undefined)
    throw refused(
      'checkout_busy',
      `${repository} is in the midst of a merge, rebase or the like (${busy})`,
      'End or abort that first; git status says how.',
    );
  if ((await git.config(dirs)).hasFilters)
    throw refused(
      'repository_filters',
      `The configuration of ${repository} names filter programs of its own, which are not run here`,
      `Merge by hand: git merge ${order.commit.slice(0, 12)}.`,
    );
  const [from, theirs] = [
    await resolveCommit(git, repository, 'HEAD'),
    await resolveCommit(git, repository, order.commit),
  ];
  const isWithin = async (one: string, other: string) =>
    (await git.repository(dirs, ['merge-base', '--is-ancestor', one, other])).code === 0;
  if (await isWithin(theirs, from)) return { branch, from, to: from };
  const forward = !squash && (await isWithin(from, theirs));
  const to = forward ? theirs : await merge(git, { ...order, branch, ours: from, theirs }, signing);
  await bringFiles(git, dirs, repository, { from, to });
  const call = { variables: identity(await git.config(dirs)), config: DURABLE };
  const moved = await git.repository(dirs, ['update-ref', '-m', 'df apply', 'HEAD', to, from], call);
  if (moved.code === 0) return { branch, from, to };
  await readTree(git, dirs, repository, to, from);
  throw refused(
    'checkout_moved',
    `The branch ${branch} was moved meanwhile (${complaint(moved.stderr)})`,
    'Nothing was changed. Ask again.',
  );
}

async function merge(
  git: Git,
  {
    repository,
    ours,
    theirs,
    message,
    trailers,
    squash,
    branch,
  }: ApplyOrder & { ours: string; theirs: string; branch: string },
  signing: Signing,
): Promise<string> {
  const merged = await mergeCommits(git, { repository, ours, theirs, message, trailers, squash }, signing);
  if (merged.kind === 'merged') return merged.commit;
  const named = merged.files.slice(0, 10).join(', ') + (merged.files.length > 10 ? ', …' : '');
  throw refused(
    'merge_conflict',
    `The work conflicts with ${branch} in ${named}`,
    `Nothing was changed. Merge by hand: git merge ${theirs.slice(0, 12)}.`,
  );
}

/** What a call that was cut short has brought already is taken as it is. */
async function bringFiles(
  git: Git,
  dirs: GitDirs,
  repository: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  const run = (args: readonly string[]) => git.repository(dirs, args, { workTree: repository, ...CHECKOUT });
  const status = expectSuccess(
    await run(['status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=dirty']),
    'look at the checkout',
  );
  const changed = splitNul(status.stdout);
  if (changed.length > 0) {
    const staged = await run(['diff-index', '--cached', '--quiet', to]);
    const unstaged = await run(['diff-files', '--quiet']);
    if (staged.code === 0 && unstaged.code === 0) return;
    const named =
      changed
        .slice(0, 5)
        .map((line) => line.slice(3))
        .join(', ') + (changed.length > 5 ? ', …' : '');
    throw refused(
      'checkout_dirty',
      `${repository} has changes that are not committed: ${named}`,
      'Nothing was changed. Commit or stash them first.',
    );
  }
  const lying = await untrackedInTheWay(git, dirs, repository, { from, to });
  if (lying.length > 0)
    throw refused(
      'checkout_in_the_way',
      `Files of ${repository} are in the way, which git does not track: ${lying.slice(0, 5).join(', ')}${lying.length > 5 ? ', …' : ''}`,
      'Nothing was changed. Move those files away.',
    );
  // Files that were only touched would pass for changed ones.
  await run(['update-index', '-q', '--refresh', '--ignore-submodules']);
  const done = await readTree(git, dirs, repository, from, to);
  if (done.code !== 0)
    throw refused(
      'checkout_in_the_way',
      `Files of ${repository} are in the way (${complaint(done.stderr)})`,
      'Nothing was changed. Move those files away.',
    );
}

/** git itself would overwrite those that are ignored: an `.env`, say. */
async function untrackedInTheWay(
  git: Git,
  dirs: GitDirs,
  repository: string,
  order: { from: string; to: string },
): Promise<string[]> {
  const changes = await changesBetween(git, dirs, order);
  const ignoresCase = setting(await git.config(dirs), 'core.ignorecase') === 'true';
  const known = new Set([...changes].flatMap(([path, { before }]) => (before ? [path.toLowerCase()] : [])));
  const found: string[] = [];
  for (const path of inTheWay(repository, changes)) {
    const name = Buffer.from(path, 'latin1').toString('utf8');
    if (path.endsWith('/')) {
      const args = ['ls-files', '-z', '--others', '--', name];
      found.push(...(await rowsOf(git.repository(dirs, args, { workTree: repository }), 'list a folder')));
    } else if (!ignoresCase || !known.has(path.toLowerCase())) found.push(name);
  }
  return found;
}

function readTree(git: Git, dirs: GitDirs, repository: string, from: string, to: string) {
  return git.repository(dirs, ['read-tree', '-m', '-u', from, to], { workTree: repository, ...CHECKOUT });
}

function refused(code: string, message: string, hint: string): DarkFactoryError {
  return new DarkFactoryError('failed', code, message, hint);
}
