/** What a file system says when it cannot, in words that a person can act on. */
import { readdir } from 'node:fs/promises';
import { errorCode, orNull } from './errno.ts';
import { DarkFactoryError } from './failure.ts';

/** The failures of a file system that a person can do something about, worded; anything else as it came. */
export function asEnvironmentError(error: unknown, path: string): unknown {
  if (isFolderGone(error)) return folderGone(error);
  const code = errorCode(error);
  const found = code === undefined || error instanceof DarkFactoryError ? undefined : FILE_FAILURES[code];
  if (found === undefined) return error;
  return new DarkFactoryError('environment', found.code, `${path}: ${found.message}`, found.hint, {
    cause: error,
  });
}

/** What a process says that is asked where it is, and its folder was removed. */
const isFolderGone = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

function folderGone(cause: unknown): DarkFactoryError {
  return new DarkFactoryError(
    'environment',
    'folder_gone',
    'The folder that this was started in is not there any more',
    'Go to another one (cd), and try again.',
    { cause },
  );
}

/** Names in a folder; none where it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = orNull(readdir(folder)).catch((error: unknown) => {
    throw asEnvironmentError(error, folder);
  });
  return (await names) ?? [];
}

const NO_SPACE = {
  code: 'disk_full',
  hint: 'Free some space (df clean removes finished worktrees); df stop --all works all the same.',
};
const NOT_ALLOWED = { code: 'not_permitted', hint: 'Give your user the right to read and write it.' };
const FILE_FAILURES: Record<string, { code: string; message: string; hint: string }> = {
  ENOSPC: { ...NO_SPACE, message: 'the disk is full (no bytes or no inodes are left); nothing was changed.' },
  EDQUOT: { ...NO_SPACE, message: 'the disk quota is used up; nothing was changed.' },
  EACCES: { ...NOT_ALLOWED, message: 'permission denied.' },
  EPERM: { ...NOT_ALLOWED, message: 'operation not permitted.' },
  EROFS: { ...NOT_ALLOWED, message: 'the file system is read-only.' },
  ELOOP: {
    code: 'link_loop',
    message: 'it is a symbolic link that leads back to itself.',
    hint: 'Remove the link, or let it lead to a file.',
  },
  EISDIR: { code: 'not_a_file', message: 'it is a folder, not a file.', hint: 'Move it away.' },
  ENXIO: { code: 'not_a_file', message: 'it is a socket or pipe, not a file.', hint: 'Move it away.' },
  ENAMETOOLONG: { code: 'name_too_long', message: 'the name is too long.', hint: 'Choose a shorter one.' },
  EIO: {
    code: 'disk_failure',
    message: 'the disk reported an error.',
    hint: 'Check the disk and the system log.',
  },
};
