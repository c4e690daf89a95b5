import type { MayChange, MergedManifest } from '../ecosystems/types.ts';
import { manifestOf } from './definitions.ts';

/**
 * @param path decides the format
 * @param base text at the base commit, `null` when it is not there: then all of it is ordinary work
 * @param head text now, `null` when it is gone or no ordinary file
 * @returns a text that cannot be taken apart is replaced by the base's as a whole; `null` where there is nothing to keep
 */
export function mergeManifest(
  path: string,
  base: string | null,
  head: string | null,
  mayChange: MayChange = () => false,
): MergedManifest | null {
  if (base === null) return null;
  if (head === base) return { text: base, changed: false };
  const manifest = manifestOf(path);
  if (head === null) return manifest?.mayGo?.(base) ? null : { text: base, changed: true };
  return manifest?.merge(base, head, mayChange) ?? { text: base, changed: true };
}
