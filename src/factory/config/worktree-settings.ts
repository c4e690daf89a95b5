import * as z from 'zod';
import { count, duration, group, list, oneOf, unset } from './settings.ts';

/** Relative, without `.`, `..` and `.git`. */
const pathInCheckout = z
  .string()
  .regex(
    /^(?!\/)(?!(?:.*\/)?\.{0,2}(?:\/|$))(?!(?:.*\/)?\.git(?:\/|$))[^\\\0]+$/,
    'no relative path of a file',
  );

export const worktreeSettings = group('The folder that an agent works in', {
  copy: list(
    pathInCheckout,
    'Files of your checkout that git ignores and every new worktree gets, for example `[.env]`. Agents can read them',
  ),
  link: list(
    pathInCheckout,
    'Files and folders of your checkout that commands find at the same place in every worktree, read-only, for example `[fixtures/large]`. Tracked files, symbolic links, sockets and pipes are refused, and a file must be ignored by git',
  ),
  setup: unset(
    z.string().min(1),
    'npm ci',
    'Set-up of projects that were given none with `--setup`. Not set: the install that belongs to the lock file, or to what is declared where there is none',
  ),
  teardown: unset(
    z.string().min(1),
    'make stop',
    'Command that is run in the sandbox, for at most `sandbox.commandTimeout`, before a worktree is removed',
  ),
  keep: oneOf(
    ['none', 'failed', 'all'],
    'none',
    'Worktrees of ended projects that stay; `failed` means those that did not complete. Branches always stay. `df clean --all` removes them',
  ),
  cache: group('Packages that set-ups installed', {
    size: count(
      10 * 1024 ** 3,
      'Bytes of installed packages that are kept for the next project with the same lock file',
      { min: 0 },
    ),
    age: duration(
      '14d',
      'How long they are kept after they were last used; `df clean` removes all that no open project uses',
    ),
  }),
});
