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
    // Elsewhere its environment would be gone with the command.
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
  };
}

/** Hooks of git are for people's commits, and `.git` is read-only here: a package that installs some must not fail for it. */
const NO_HOOKS = {
  HUSKY: '0',
  HUSKY_SKIP_INSTALL: '1',
  SKIP_INSTALL_SIMPLE_GIT_HOOKS: '1',
  LEFTHOOK: '0',
};

/** In the worktree: where pnpm finds itself in the version that package.json pins. */
const PNPM = `${TOOL_PLACE}/pnpm`;

/**
 * The set-up's command, and then what pnpm fetched of itself goes where it stays. It cannot fetch itself to there: within a
 * package that pins a version it would begin by fetching itself, without end.
 */
export function withPnpmKept(command: string): string {
  return [
    'export PNPM_HOME="$TMPDIR/pnpm-home"',
    `(\n${command}\n) || exit $?`,
    `if [ -d "$PNPM_HOME/.tools" ]; then mkdir -p ${PNPM} && cp -a "$PNPM_HOME/.tools" ${PNPM}/; fi`,
  ].join('\n');
}

export function setupVariables(worktree: string): Record<string, string> {
  return { ...NO_HOOKS, ...toolVariables(worktree) };
}

/** The same for commands without a network, where the set-up made such packages. */
export function lentToolVariables(worktree: string, lent: readonly string[]): Record<string, string> {
  const offline = { CARGO_NET_OFFLINE: 'true', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  if (!lent.includes(TOOL_PLACE)) return offline;
  return { ...offline, ...toolVariables(worktree), PNPM_HOME: join(worktree, PNPM) };
}
