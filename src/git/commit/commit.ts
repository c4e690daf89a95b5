import type { CommitTrailers, LeftOutFile } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { resumeAdvance } from '../merge/advance.ts';
import { gitFailed } from '../run/failures.ts';
import { dirsOf, type Git, rowsOf, textOf } from '../run/git.ts';
import { inWorktree } from '../run/hold.ts';
import { DURABLE, identity } from '../run/identity.ts';
import { type NotedWorktree, requireFolder, requireNoted, type Worktree } from '../run/places.ts';
import { despiteStaleLock, type LockDomain, locksOf } from '../run/stale.ts';
import { headOf, treeIdOf } from '../worktree/head.ts';
import { despiteDamagedIndex } from '../worktree/index-file.ts';
import { mendLinks } from '../worktree/repair.ts';
import { carriesStep, commitMessage, lastParagraph, stepLine } from './message.ts';
import { scanStaged } from './scan.ts';
import type { SecretScan } from './secrets.ts';
import { type Signing, writeCommit } from './signing.ts';
import { isTooLong, stageAll } from './stage.ts';

export interface CommitOrder {
  repository: string;
  worktree: string;
  message: string;
  trailers: CommitTrailers;
  /** Is told of what could not be committed. */
  onNote(text: string): void;
  /** `null`: the owner switched it off. */
  scan: SecretScan | null;
  signing: Signing;
  /** Is told of files with keys, which are then left out. Missing: such a commit is not made. */
  leaveOut?: ((files: LeftOutFile[]) => void) | undefined;
  /** Is told of what cannot be read, which then stays out. Missing: such a commit is not made. */
  onUnreadable?: ((what: string) => void) | undefined;
}

/**
 * Commits everything in the worktree, by plumbing alone: no hook, editor or garbage collection, and no signing program but
 * the owner's.
 *
 * @returns the commit, the earlier one of the same step, or `null` when there is nothing to commit
 *
 * Throws `failed`: `worktree_missing`, `worktree_off_branch`, `unreadable_files`, `git_locked`, `git_busy`, `git_failed`,
 * `disk_full`; `environment`/`signing_failed`; and `SecretsFound`. Nothing is half made then: at most objects that nobody refers to.
 * `failed`/`worktree_unsaved`, with `onUnreadable` alone: all but files that git refuses is committed.
 */
export async function commitChanges(git: Git, order: CommitOrder): Promise<string | null> {
  const worktree = await requireNoted(order.repository, order.worktree);
  return inWorktree(git, worktree, async (held) => {
    await requireFolder(worktree);
    await mendLinks(worktree, worktree.note.branch);
    const refused: string[] = [];
    const attempt = async () => {
      await resumeAdvance(held, worktree);
      return commitOnce(held, worktree, order, refused);
    };
    const made = await despiteDamagedIndex(held, worktree, attempt).catch((error) => {
      if (error instanceof DarkFactoryError && error.code === 'git_failed') return attempt();
      throw error;
    });
    if (refused.length > 0 && order.onUnreadable !== undefined) throw unsaved(worktree, refused);
    return made;
  });
}

async function commitOnce(
  git: Git,
  worktree: NotedWorktree,
  order: CommitOrder,
  refused: string[],
): Promise<string | null> {
  const { commit: parent, tree: before } = await headOf(git, worktree);
  const earlier = await findStep(git, worktree, parent, order.trailers);
  if (earlier !== null) return earlier;
  const locks = locksOf(worktree, worktree.note.branch);
  // Those of an attempt before may be staged by now; where that one made the commit, they are not.
  refused.splice(0, Infinity, ...(await stage(git, worktree, order, locks)));
  const writeTree = () =>
    textOf(git.worktree(worktree, ['write-tree'], { config: DURABLE }), 'write the tree');
  let tree = await writeTree();
  if (tree === before) return null;
  const { scan, leaveOut } = order;
  if (scan !== null && (await scanStaged(git, worktree, parent, scan, leaveOut))) {
    tree = await writeTree();
    if (tree === before) return null;
  }
  const variables = identity(await git.config(dirsOf(worktree)));
  const input = commitMessage(order.message, order.trailers);
  const commit = await writeCommit(
    (args, call) => git.worktree(worktree, args, call),
    order.signing,
    [tree, '-p', parent],
    { input, variables, config: DURABLE },
  );
  const why = `dark-factory: ${stepLine(order.trailers)}`;
  // Only if the branch is still where it was read.
  const moved = await despiteStaleLock(git, locks, () =>
    git.worktree(worktree, ['update-ref', '-m', why, 'HEAD', commit, parent], { variables, config: DURABLE }),
  );
  if (moved.code !== 0) throw gitFailed(`move the branch ${worktree.note.branch}`, moved.stderr);
  await treeIdOf(git, worktree, commit, tree);
  return commit;
}

/**
 * @returns the files that git refused
 *
 * Throws `failed`/`unreadable_files`, unless the commit is to be made without those files.
 */
async function stage(
  git: Git,
  worktree: Worktree,
  { onUnreadable, onNote }: CommitOrder,
  locks: LockDomain,
): Promise<string[]> {
  const { skipped, refused, tooMany, tooLong, unfiltered } = await stageAll(git, worktree, {
    locks,
    onUnseen(unseen) {
      if (onUnreadable === undefined) throw unreadable(worktree, unseen);
      onUnreadable(listUnseen(unseen));
    },
    // Nobody is left to put them right, and the others are to be kept.
    ...(onUnreadable === undefined ? {} : { mostRefusals: Number.POSITIVE_INFINITY }),
  });
  if (tooLong.length > 0 && onUnreadable === undefined) throw tookTooLong(worktree, tooLong);
  refused.push(...tooLong.map((file) => `${file}: git takes too long over it`));
  const all = [...skipped, ...refused];
  if (tooMany) throw tooManyRefused(worktree, all);
  for (const path of all) onNote(`not committed, git refuses it: ${path}`);
  for (const words of new Set(unfiltered)) onNote(`committed without its filter: ${words}`);
  return refused;
}

/** The commit that this step made before it could write down that it did. */
async function findStep(
  git: Git,
  worktree: NotedWorktree,
  head: string,
  trailers: CommitTrailers,
): Promise<string | null> {
  const { base } = worktree.note;
  if (head === base) return null;
  const commits = await git.messages(`${worktree.commonDir}\0${base}\0${head}`, async () => {
    const args = [
      'log',
      '-z',
      '--first-parent',
      '--no-show-signature',
      '--format=%H%n%B',
      `${base}..${head}`,
    ];
    const rows = await rowsOf(git.worktree(worktree, args), 'look for the commit of this step');
    return rows.map(hashAndTrailers);
  });
  return commits.find(([, last]) => carriesStep(last, trailers))?.[0] ?? null;
}

/** Of a commit's hash and message, the message's last paragraph alone is kept in mind. */
function hashAndTrailers(row: string): readonly [string, string] {
  const end = row.indexOf('\n');
  return [row.slice(0, end), lastParagraph(row.slice(end + 1))];
}

function unreadable(worktree: Worktree, unseen: readonly string[]): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'unreadable_files',
    `some of ${worktree.folder} cannot be read: ${listUnseen(unseen)}`,
    unseen.some(isTooLong)
      ? 'Paths can have 4096 characters at most. Remove the nested folders: rm -rf and the name of the first of them.'
      : 'Make them readable (chmod -R u+rwX .) or remove them.',
  );
}

function tooManyRefused(worktree: Worktree, refused: readonly string[]): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'unreadable_files',
    `git refuses ${refused.length} files of ${worktree.folder} or more: ${listRefused(refused)}`,
    'Put right what git names (a mode, line ends, an encoding, a filter in .gitattributes), or have .gitignore name these files.',
  );
}

function tookTooLong(worktree: Worktree, files: readonly string[]): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'unreadable_files',
    `git takes too long over large files of ${worktree.folder}: ${listRefused(files)}`,
    'Have .gitignore name what does not belong in the repository, or remove it.',
  );
}

/** All others are committed by now. */
function unsaved(worktree: Worktree, refused: readonly string[]): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'worktree_unsaved',
    `git refuses ${refused.length} of the files in ${worktree.folder}, which so stay there: ${listRefused(refused)}`,
    'Put right what git names, or take the files away; then run df clean.',
  );
}

const listRefused = (refused: readonly string[]): string => refused.slice(0, 5).join('; ').slice(0, 1_000);

/** Each complaint with the beginning of its path: those that are too long are thousands of characters. */
function listUnseen(unseen: readonly string[]): string {
  const short = unseen.map((line) => line.replace(/'([^']{100})[^']+('|$)/, "'$1…'"));
  return [...new Set(short)].slice(0, 5).join('; ').slice(0, 500);
}
