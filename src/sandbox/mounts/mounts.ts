import { sep } from 'node:path';

/** One thing that a command finds in its file system. Paths are absolute; nothing else of the host is visible. */
export type Mount =
  | { kind: 'read-only'; source: string; target: string }
  | { kind: 'writable'; source: string; target: string }
  /** `source` with what commands write kept apart in `folder`; see layers.ts. */
  | { kind: 'layer'; source: string; target: string; folder: string }
  | { kind: 'symlink'; source: string; target: string }
  /** Private memory-backed folder, writable, of limited size in bytes, gone after the command. */
  | { kind: 'scratch'; target: string; bytes: number }
  /** Hides what stands there: an empty folder that cannot be written. */
  | { kind: 'empty'; target: string }
  /** An empty folder. */
  | { kind: 'folder'; target: string }
  | { kind: 'proc' | 'dev'; target: string };

/**
 * The order in which mounts must be made: parents before what lies in them, so that a folder mounted later never covers one
 * mounted before. Of two mounts at one place the later one given counts.
 */
export function inOrder(mounts: readonly Mount[]): Mount[] {
  const byTarget = new Map(mounts.map((mount) => [mount.target, mount]));
  return [...byTarget.values()].sort((a, b) => depth(a.target) - depth(b.target));
}

/** `path` is `folder` or lies below it. Both absolute and normalised; `wt-evil` does not lie in `wt`. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/**
 * Mounts that keep `hidden` places out of sight where a wider folder that is shown would reveal them.
 *
 * A place that no shown folder contains is invisible anyway and needs none.
 */
export function hide(hidden: readonly string[], shown: readonly Mount[]): Mount[] {
  const shares = shown.filter((mount) => mount.kind === 'read-only' || mount.kind === 'writable');
  return hidden
    .filter((place) => shares.some((mount) => isInside(place, mount.target)))
    .filter((place) => !shares.some((mount) => mount.target === place))
    .map((target) => ({ kind: 'empty', target }));
}

/** Leaves out read-only folders that a wider read-only folder of the list shows already. */
export function withoutNested(folders: readonly string[]): string[] {
  const unique = [...new Set(folders)];
  return unique.filter((folder) => !unique.some((other) => other !== folder && isInside(folder, other)));
}

/** Shown where it lies. */
export function readOnly(path: string): Extract<Mount, { kind: 'read-only' | 'writable' }> {
  return { kind: 'read-only', source: path, target: path };
}

const depth = (path: string): number => path.split(sep).filter(Boolean).length;
