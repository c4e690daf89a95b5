const GIT = /(?:^|[\s;&|('"`])git\s+(?:-\S+(?:\s+(?!-)[^\s-]\S*=\S*)?\s+)*(?<verb>[a-z-]+)/g;
const PUSHES = new Set(['push', 'send-email', 'send-pack']);
const FETCHES = new Set(['pull', 'fetch', 'clone', 'ls-remote', 'submodule']);
const COMMITS = new Set(['add', 'commit', 'rm', 'mv', 'stage']);
const RESTORES = new Set(['restore', 'checkout', 'reset', 'stash', 'clean', 'switch']);
const CONFIGURES = new Set(['config', 'remote', 'init', 'worktree', 'hook']);
const REFUSED_BY_MOUNT =
  /Read-only file system|could not lock config|Permission denied|unable to (?:create|write)|index\.lock/i;
const NO_NETWORK =
  /Could not resolve host|Network is unreachable|EAI_AGAIN|ENETUNREACH|ECONNREFUSED|Temporary failure in name resolution|Failed to connect|getaddrinfo|Connection refused/i;
const NO_SPACE = /No space left on device|ENOSPC|File size limit exceeded|File too large|EFBIG/i;

/**
 * What to tell a model whose command met a wall of the sandbox, `null` when its failure looks like its own.
 *
 * @param command the command line
 * @param output what it printed; the hint is only for commands that failed
 */
export function hintFor(command: string, output: string): string | null {
  const verbs = [...command.matchAll(GIT)].map((match) => match.groups?.['verb'] ?? '');
  const uses = (set: ReadonlySet<string>): boolean => verbs.some((verb) => set.has(verb));
  if (uses(PUSHES)) {
    return 'Pushing is never possible here: there is no network and no remote can be written. The owner pushes when the work is accepted. Commit with the commit tool.';
  }
  if (REFUSED_BY_MOUNT.test(output)) {
    if (uses(COMMITS)) {
      return 'The repository is read-only in the sandbox. Use the commit tool: it commits everything in the worktree; "git add" is not needed. Delete or move files with rm and mv.';
    }
    if (uses(RESTORES)) {
      return 'The repository is read-only in the sandbox. To take back a change, write the old content over the file: git show HEAD:path/to/file > path/to/file.';
    }
    if (uses(CONFIGURES) || verbs.length > 0) {
      return 'The repository and its configuration are read-only in the sandbox. Git can be read (status, diff, log, show, blame); commit with the commit tool.';
    }
    return /Read-only file system/i.test(output)
      ? 'Only the worktree, /tmp and $HOME can be written; the last two are empty again for the next command.'
      : null;
  }
  if (NO_NETWORK.test(output) || uses(FETCHES)) {
    return 'There is no network in the sandbox. Work with what is in the worktree and what is installed; dependencies are installed by the set-up command of the project.';
  }
  return NO_SPACE.test(output)
    ? 'A limit of the sandbox on file size or temporary space was reached. Write less, or write into the worktree instead of /tmp.'
    : null;
}
