import { join } from 'node:path';
import { ECOSYSTEMS } from '../../factory/gates/ecosystems/all.ts';

/** Folders that test tools write to within their packages. */
export const OWN_CACHES = ['.cache', '.vite', '.vite-temp', '.vitest', '.tmp'];

/**
 * In the worktree: packages of tools that keep theirs in the user's home, which a command in the sandbox does not have. It
 * holds a `.gitignore` of its own that ignores all of it.
 */
export const TOOL_PLACE = '.dark-factory';

/** Where such tools keep their packages. @param worktree as the command sees it */
function toolVariables(worktree: string): Record<string, string> {
  const folder = join(worktree, TOOL_PLACE);
  return Object.assign({}, ...ECOSYSTEMS.map(({ setup }) => setup.variables(folder)));
}

/**
 * In the worktree: package managers of the version that package.json pins, which fetch themselves, once. Among the packages, since
 * linters look everywhere else.
 */
const MANAGERS = 'node_modules/.dark-factory';

/** Hooks of git are for people's commits, and `.git` is read-only here: a package that installs some must not fail for it. */
const NO_HOOKS = {
  HUSKY: '0',
  HUSKY_SKIP_INSTALL: '1',
  SKIP_INSTALL_SIMPLE_GIT_HOOKS: '1',
  LEFTHOOK: '0',
};

/**
 * The set-up's command, and then what package managers fetched of themselves goes where it stays. They cannot fetch themselves to
 * there: an install may begin by removing all packages, and pnpm within a package that pins a version by fetching itself, without end.
 */
export function withManagersKept(command: string): string {
  return [
    'export PNPM_HOME="$TMPDIR/pnpm-home" COREPACK_HOME="$TMPDIR/corepack-home"',
    `(\n${command}\n) || exit $?`,
    `keep() { if [ -d "$1" ]; then mkdir -p "$2" && cp -a "$1" "$2/"; fi; }`,
    `keep "$PNPM_HOME/.tools" ${MANAGERS}/pnpm-home && keep "$COREPACK_HOME" ${MANAGERS}`,
  ].join('\n');
}

export function setupVariables(worktree: string): Record<string, string> {
  return { ...NO_HOOKS, COREPACK_ENABLE_DOWNLOAD_PROMPT: '0', ...toolVariables(worktree) };
}

/** The same for commands without a network, where the set-up made such packages. */
export function offlineToolVariables(worktree: string, lent: readonly string[]): Record<string, string> {
  const managers = {
    COREPACK_HOME: join(worktree, MANAGERS, 'corepack-home'),
    COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
    PNPM_HOME: join(worktree, MANAGERS, 'pnpm-home'),
  };
  return {
    ...Object.assign({}, ...ECOSYSTEMS.map(({ setup }) => setup.offline)),
    ...(lent.includes(TOOL_PLACE) ? toolVariables(worktree) : {}),
    ...(lent.includes('node_modules') ? managers : {}),
  };
}
