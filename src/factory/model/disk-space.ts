/** Bytes of a file system that this user may still write, and of the whole of it. */
export interface Space {
  free: number;
  size: number;
}

/** Bytes that are to stay free. @param limit bytes, or a share of the file system: `10%` */
export function bytesToKeep(limit: string | number, size: number): number {
  return typeof limit === 'number' ? limit : (Number.parseFloat(limit) / 100) * size;
}

/** Is there less room than is to stay free? */
export function lacksDiskSpace({ free, size }: Space, limit: string | number): boolean {
  return free < bytesToKeep(limit, size);
}

/**
 * Whether the worktree of a project that has ended stays.
 *
 * @param keep the owner's policy
 */
export function keepsWorktree(keep: 'none' | 'failed' | 'all', { status }: { status: string }): boolean {
  return keep === 'all' || (keep === 'failed' && status !== 'completed');
}
