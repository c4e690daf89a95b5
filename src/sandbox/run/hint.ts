import { speaksOfNetwork } from '../../factory/gates/ecosystems/missing-program.ts';

/** The subcommands of all git calls in a command line; options before them are skipped. */
const GIT_CALL = /(?:^|[\s;&|('"`])git\s+(?:(?:-[cC]\s+\S+|-\S+)\s+)*(?<verb>[a-z][a-z-]*)/g;
const PUSHES = new Set(['push', 'send-email', 'send-pack']);
const FETCHES = new Set(['pull', 'fetch', 'clone', 'ls-remote']);
const COMMITS = new Set(['add', 'commit', 'rm', 'mv', 'stage']);
const RESTORES = new Set(['restore', 'checkout', 'reset', 'stash', 'switch', 'revert']);
const READ_ONLY = /Read-only file system|EROFS/i;
const GIT_REFUSED = /could not lock config|Permission denied|unable to (?:create|write)|index\.lock/i;
const NO_SPACE = /No space left on device|ENOSPC|File size limit exceeded|File too large|EFBIG/i;

const HINT = {
  push: 'Pushing is never possible here: there is no network and no remote can be written. The owner publishes the work. Commit with the commit tool.',
  commit:
    'The repository is read-only in the sandbox. Use the commit tool: it commits everything in the worktree, without "git add". Delete and move files with rm and mv.',
  restore:
    'The repository is read-only in the sandbox. To take back a change, write the old content over the file: git show HEAD:path/to/file > path/to/file',
  git: 'The repository and its configuration are read-only in the sandbox. Git can be read (status, diff, log, show, blame); commit with the commit tool.',
  write:
    'Only the worktree, /tmp and $HOME can be written; the last two are empty again for the next command.',
  network:
    'There is no network in the sandbox. Work with what is in the worktree and what is installed; dependencies are installed by the set-up command of the project.',
  submodule:
    'Submodules come with the commit that the repository records, as far as the owner has them; nothing can be fetched here. What is changed in them is not committed.',
  space:
    'A limit of the sandbox on file size or temporary space was reached. Write less, or write into the worktree instead of /tmp.',
} as const;

/**
 * What to tell a model whose command met a wall of the sandbox, `null` when its failure looks like its own.
 *
 * @param command the command line
 * @param output what it printed; only commands that failed are worth a hint
 */
export function hintFor(command: string, output: string): string | null {
  const verbs = [...command.matchAll(GIT_CALL)].map((match) => match.groups?.['verb'] ?? '');
  const uses = (set: ReadonlySet<string>): boolean => verbs.some((verb) => set.has(verb));
  if (uses(PUSHES)) return HINT.push;
  const refused = READ_ONLY.test(output) || (verbs.length > 0 && GIT_REFUSED.test(output));
  // Some of git's commands fail without a word when they cannot write.
  if (refused || output.trim() === '') {
    if (uses(COMMITS)) return HINT.commit;
    if (uses(RESTORES)) return HINT.restore;
  }
  if (refused) return verbs.length > 0 ? HINT.git : HINT.write;
  if (verbs.includes('submodule')) return HINT.submodule;
  if (speaksOfNetwork(output) !== null || uses(FETCHES)) return HINT.network;
  return NO_SPACE.test(output) ? HINT.space : null;
}
