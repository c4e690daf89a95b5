import { join } from 'node:path';
import type { MergeOrder, MergeResult } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { makeTemporaryFolder } from '../../lib/temporary-folder.ts';
import { commitMessage } from '../commit/message.ts';
import { type Signing, writeCommit } from '../commit/signing.ts';
import { resolveCommit } from '../history/inspect.ts';
import { mergeGuards } from '../run/config.ts';
import { complaint, expectSuccess, gitFailed } from '../run/failures.ts';
import { type Git, splitNul, textOf } from '../run/git.ts';
import { DURABLE, identity } from '../run/identity.ts';
import { type GitDirs, requireGitDirs } from '../run/places.ts';
import type { GitCall } from '../run/run.ts';
import { treeIdOf } from '../worktree/head.ts';

/** What the repository's configuration may say about merges without running anything, said as git says it by default. */
const PLAIN = [
  'merge.default=',
  'merge.renormalize=false',
  'merge.renames=true',
  'merge.directoryRenames=conflict',
  'merge.conflictStyle=merge',
];
/** What a git answers to an option or command that it does not know. */
const USAGE = 129;

interface Sides {
  ours: string;
  theirs: string;
}

type MergedTree = { tree: string } | { conflict: string[] };

/**
 * Merges without a worktree: attributes, and with them the names of drivers and filters, are looked for in an empty
 * folder. Nothing but objects is written, so no lock is needed.
 */
export async function mergeCommits(git: Git, order: MergeOrder, signing: Signing): Promise<MergeResult> {
  const dirs = await requireGitDirs(order.repository);
  const [ours, theirs] = await Promise.all([
    resolveCommit(git, order.repository, order.ours),
    resolveCommit(git, order.repository, order.theirs),
  ]);
  const { folder: scratch, close } = makeTemporaryFolder('merge');
  try {
    const merged = await mergeTrees(git, dirs, { ours, theirs }, scratch);
    if ('conflict' in merged) return { kind: 'conflict', files: merged.conflict };
    const tree = await addFiles(git, dirs, merged.tree, order.files ?? {}, scratch);
    const parents = [...new Set(order.squash ? [ours] : [ours, theirs])].flatMap((commit) => ['-p', commit]);
    const call = {
      input: commitMessage(order.message, order.trailers),
      variables: identity(await git.config(dirs)),
      config: DURABLE,
    };
    const run = (args: readonly string[], each: GitCall) => git.repository(dirs, args, each);
    return { kind: 'merged', commit: await writeCommit(run, signing, [tree, ...parents], call) };
  } finally {
    close();
  }
}

async function mergeTrees(git: Git, dirs: GitDirs, sides: Sides, scratch: string): Promise<MergedTree> {
  const { ours, theirs } = sides;
  const common = await git.repository(dirs, ['merge-base', '--all', ours, theirs]);
  // 1: there is none.
  if (common.code > 1) throw gitFailed('find where the two sides parted', common.stderr);
  const bases = common.stdout.toString('utf8').split('\n').filter(Boolean);
  if (bases.length === 0)
    throw new DarkFactoryError(
      'failed',
      'unrelated_commits',
      `${ours.slice(0, 12)} and ${theirs.slice(0, 12)} have no commit in common`,
      'Their histories were rewritten; take over by hand what is wanted.',
    );
  if (bases.includes(ours)) return { tree: await treeIdOf(git, dirs, theirs) };
  if (bases.includes(theirs)) return { tree: await treeIdOf(git, dirs, ours) };
  return (await threeWay(git, dirs, sides, scratch)) ?? byFile(git, dirs, sides, bases, scratch);
}

/** @returns `null` when git is older than 2.38 and cannot */
async function threeWay(git: Git, dirs: GitDirs, sides: Sides, scratch: string): Promise<MergedTree | null> {
  const guards = mergeGuards((await git.config(dirs)).settings);
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', sides.ours, sides.theirs];
  const config = [...PLAIN, ...guards, ...DURABLE];
  const answer = await git.repository(dirs, args, { cwd: scratch, workTree: scratch, config });
  if (answer.code === USAGE) return null;
  const [tree, ...files] = splitNul(answer.stdout);
  if (answer.code === 1 && files.length > 0) return { conflict: [...new Set(files)] };
  if (answer.code !== 0 || tree === undefined) throw gitFailed('merge the two sides', answer.stderr);
  return { tree };
}

/** Whole files only: one that both sides changed in different ways is a conflict. */
async function byFile(
  git: Git,
  dirs: GitDirs,
  { ours, theirs }: Sides,
  bases: readonly string[],
  scratch: string,
): Promise<MergedTree> {
  const call = { cwd: scratch, workTree: scratch, variables: { GIT_INDEX_FILE: join(scratch, 'by-file') } };
  const args = ['read-tree', '-i', '-m', '--aggressive', ...bases, ours, theirs];
  expectSuccess(await git.repository(dirs, args, call), 'merge the two sides');
  const unmerged = await git.repository(dirs, ['ls-files', '-z', '--unmerged'], call);
  const rows = splitNul(expectSuccess(unmerged, 'list the conflicts').stdout);
  if (rows.length > 0) return { conflict: [...new Set(rows.map((row) => row.slice(row.indexOf('\t') + 1)))] };
  const written = git.repository(dirs, ['write-tree'], { ...call, config: DURABLE });
  return { tree: await textOf(written, 'write the merged tree') };
}

/** Throws `failed`/`merge_path_taken`: neither a folder nor a file of the merge is taken away for one of these. */
async function addFiles(
  git: Git,
  dirs: GitDirs,
  tree: string,
  files: Readonly<Record<string, string>>,
  scratch: string,
): Promise<string> {
  const entries = Object.entries(files);
  if (entries.length === 0) return tree;
  const call = {
    cwd: scratch,
    workTree: scratch,
    variables: { GIT_INDEX_FILE: join(scratch, 'with-files') },
    config: DURABLE,
  };
  expectSuccess(await git.repository(dirs, ['read-tree', tree], call), 'read the merged tree');
  const added: string[] = [];
  for (const [path, input] of entries) {
    const args = ['hash-object', '-w', '--no-filters', '--stdin'];
    const blob = await textOf(git.repository(dirs, args, { ...call, input }), `keep ${path}`);
    // Unlike `--index-info` this replaces no folder by a file, nor the other way round.
    added.push('--cacheinfo', `100644,${blob},${path}`);
  }
  const done = await git.repository(dirs, ['update-index', '--add', ...added], call);
  if (done.code !== 0)
    throw new DarkFactoryError(
      'failed',
      'merge_path_taken',
      `${entries.map(([path]) => path).join(', ')} cannot be added to the merge (${complaint(done.stderr)})`,
      'A file or folder of the project is in the way; rename it, or merge without the decision record.',
    );
  return textOf(git.repository(dirs, ['write-tree'], call), 'write the tree with the added files');
}
