import { join } from 'node:path';

/** Folders that test tools write to within their packages. */
export const OWN_CACHES = ['.cache', '.vite', '.vite-temp', '.vitest', '.tmp'];

/**
 * In the worktree: packages of tools that keep theirs in the user's home, which a command in the sandbox does not have. It
 * holds a `.gitignore` of its own that ignores all of it.
 */
export const TOOL_PLACE = '.dark-factory';

/** Where such tools keep their packages. @param worktree as the command sees it */
export function toolVariables(worktree: string): Record<string, string> {
  return {
    CARGO_HOME: join(worktree, TOOL_PLACE, 'cargo'),
    GOMODCACHE: join(worktree, TOOL_PLACE, 'go'),
    // A package manager of the version that package.json pins fetches itself, once.
    COREPACK_HOME: join(worktree, TOOL_PLACE, 'corepack'),
    COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
    PNPM_HOME: join(worktree, TOOL_PLACE, 'pnpm'),
    // Elsewhere its environment would be gone with the command.
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
  };
}

/** In the worktree: what installs keep for further installs, of which there are none in this tree. */
export const PACKAGE_STORES = [`${TOOL_PLACE}/pnpm/store`];

/** Hooks of git are for people's commits, and `.git` is read-only here: a package that installs some must not fail for it. */
const NO_HOOKS = {
  HUSKY: '0',
  HUSKY_SKIP_INSTALL: '1',
  SKIP_INSTALL_SIMPLE_GIT_HOOKS: '1',
  LEFTHOOK: '0',
};

export function setupVariables(worktree: string): Record<string, string> {
  return { ...NO_HOOKS, ...toolVariables(worktree) };
}

/** The same for commands without a network, where the set-up made such packages. */
export function lentToolVariables(worktree: string, lent: readonly string[]): Record<string, string> {
  const offline = { CARGO_NET_OFFLINE: 'true', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  return lent.includes(TOOL_PLACE) ? { ...offline, ...toolVariables(worktree) } : offline;
}
