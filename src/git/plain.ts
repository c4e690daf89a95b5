import { type SimpleGit, simpleGit } from 'simple-git';

/** Nobody's configuration is read or written, and nothing asks. */
const QUIET = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
};

/**
 * git for repositories that the program itself has just made, for a demonstration or a trial: no filter, hook or attribute of
 * anybody else can act there. Everything else goes through `run/run.ts`.
 *
 * @param folder an existing one
 */
export function plainGit(folder: string, env: NodeJS.ProcessEnv): SimpleGit {
  return simpleGit({
    baseDir: folder,
    allowEnvironment: Object.keys(QUIET),
    unsafe: { allowUnsafeConfigPaths: true },
  }).env({ PATH: env['PATH'] ?? '', HOME: env['HOME'] ?? '', ...QUIET });
}
