import path from 'node:path';

export type Place = { ok: true; path: string } | { ok: false; problem: string };

/**
 * Where in the worktree a path of the model points, relative to its top. A courtesy that explains early; what holds is the
 * sandbox's mount, which also knows symbolic links.
 *
 * @param worktree absolute path
 * @param wanted relative to the worktree, or absolute and inside it
 */
export function placeInWorktree(worktree: string, wanted: string, use: 'read' | 'write'): Place {
  if (wanted === '' || wanted.includes('\0'))
    return { ok: false, problem: 'The path is empty or holds a NUL byte.' };
  const absolute = path.resolve(worktree, wanted);
  const relative = path.relative(worktree, absolute);
  if (relative === '') return { ok: false, problem: `${wanted} is the worktree itself, not a file.` };
  if (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) {
    return {
      ok: false,
      problem: `${wanted} is outside the worktree. Use paths relative to the worktree; nothing else can be reached.`,
    };
  }
  if (use === 'write' && relative.split(path.sep)[0] === '.git') {
    return {
      ok: false,
      problem: `${wanted} belongs to git, which is read-only here. Use the commit tool to commit.`,
    };
  }
  return { ok: true, path: relative };
}
