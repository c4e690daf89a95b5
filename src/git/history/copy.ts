import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectSuccess } from '../run/failures.ts';
import type { Git } from '../run/git.ts';
import { requireGitDirs } from '../run/places.ts';
import { CHECKOUT_MS } from '../run/run.ts';

/** Branches of such a copy. */
const BASE = 'base';
const HEAD = 'head';

/**
 * Makes a repository of the factory's own that holds two commits with all their files, and no history. The owner's repository is
 * only read: worktrees and whatever else is made of the copy leave no trace there, however their maker dies.
 */
export async function copyCommits(
  git: Git,
  { repository, folder, base, head }: { repository: string; folder: string; base: string; head: string },
): Promise<void> {
  const { commonDir } = await requireGitDirs(repository);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const format = head.length === 64 ? ['--object-format=sha256'] : [];
  expectSuccess(await git.bare(['init', '--quiet', '--template=', ...format, folder]), `make ${folder}`);
  const own = await requireGitDirs(folder);
  const variables = { GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(join(commonDir, 'objects')) };
  const listed = await git.repository(own, ['rev-list', '--objects', '--no-walk', base, head], {
    variables,
    timeoutMs: CHECKOUT_MS,
  });
  const packed = await git.repository(
    own,
    ['pack-objects', '-q', join(own.gitDir, 'objects', 'pack', 'pack')],
    {
      variables,
      input: expectSuccess(listed, `list the files of ${base} and ${head}`).stdout,
      timeoutMs: CHECKOUT_MS,
    },
  );
  expectSuccess(packed, `copy ${base} and ${head}`);
  // Their parents stay where they are.
  await writeFile(
    join(own.gitDir, 'shallow'),
    [...new Set([base, head])].map((each) => `${each}\n`).join(''),
  );
  const refs = `create refs/heads/${BASE} ${base}\ncreate refs/heads/${HEAD} ${head}\n`;
  expectSuccess(await git.repository(own, ['update-ref', '--stdin'], { input: refs }), 'name the commits');
  expectSuccess(
    await git.repository(own, ['symbolic-ref', 'HEAD', `refs/heads/${BASE}`]),
    'point at the base',
  );
}

/** In the form in which git takes a path with a colon in it for one path. */
const quoted = (path: string) => `"${path.replace(/["\\]/g, '\\$&')}"`;

/** `null` where their histories never met. */
export async function commonCommit(
  git: Git,
  repository: string,
  one: string,
  other: string,
): Promise<string | null> {
  const dirs = await requireGitDirs(repository);
  const found = await git.repository(dirs, ['merge-base', one, other]);
  return found.code === 0 ? found.stdout.toString('utf8').trim() : null;
}
