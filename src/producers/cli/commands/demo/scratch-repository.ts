import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DarkFactoryError } from '../../../../lib/failure.ts';

const execute = promisify(execFile);

/** Neither reads nor writes anybody's git configuration. */
function quietEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    PATH: env['PATH'],
    HOME: env['HOME'],
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Runs git for a repository that the program itself has made. Throws `environment`/`git_missing` where there is none. */
export async function scratchGit(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  try {
    const { stdout } = await execute('git', [...args], { cwd, env: quietEnvironment(env) });
    return stdout.trimEnd();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new DarkFactoryError(
        'environment',
        'git_missing',
        'There is no git on the PATH',
        'Install git 2.25 or newer',
      );
    }
    throw error;
  }
}

/** Makes a repository with one commit on `main`. */
export async function makeScratchRepository(
  folder: string,
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  // Not `--initial-branch`, which git knows only from 2.28 on.
  await scratchGit(folder, ['init', '--quiet'], env);
  await scratchGit(folder, ['symbolic-ref', 'HEAD', 'refs/heads/main'], env);
  await scratchGit(folder, ['config', 'user.name', 'Dark Factory'], env);
  await scratchGit(folder, ['config', 'user.email', 'dark-factory@localhost'], env);
  await scratchGit(folder, ['add', '--all'], env);
  await scratchGit(folder, ['commit', '--quiet', '--message', 'First commit'], env);
}
