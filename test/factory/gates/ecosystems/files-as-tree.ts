import type { BaseTree } from '../../../../src/factory/gates/ecosystems/types.ts';

/** A repository at its base commit, by path and text. */
export function filesAsTree(files: Record<string, string>): BaseTree {
  return {
    paths: Object.keys(files),
    has: (path) => path in files,
    read: async (path) => files[path] ?? null,
  };
}
