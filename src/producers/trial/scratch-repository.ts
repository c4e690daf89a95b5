import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SimpleGit } from 'simple-git';
import { plainGit } from '../../git/plain.ts';
import { DarkFactoryError } from '../../lib/failure.ts';

/** Makes a repository with one commit on `main`. Throws `environment`/`git_missing` where there is no git. */
export async function makeScratchRepository(
  folder: string,
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Promise<SimpleGit> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  const git = plainGit(folder, env);
  try {
    await git.init();
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('ENOENT'))) throw error;
    throw new DarkFactoryError(
      'environment',
      'git_missing',
      'There is no git on the PATH',
      'Install git 2.25 or newer',
    );
  }
  // Not `--initial-branch`, which git knows only from 2.28 on.
  await git.raw('symbolic-ref', 'HEAD', 'refs/heads/main');
  await git.addConfig('user.name', 'Dark Factory').addConfig('user.email', 'dark-factory@localhost');
  await git.add('--all').commit('First commit');
  return git;
}
