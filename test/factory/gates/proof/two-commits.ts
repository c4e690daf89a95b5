import { findTestChanges } from '../../../../src/factory/gates/proof/find-test-changes.ts';
import { sampleProject } from '../../../support/samples.ts';

type Files = Readonly<Record<string, string>>;

/** git over two commits: `base`, and whatever else is asked for. */
export const gitOver = (base: Files, head: Files) => ({
  changedFiles: async () =>
    [...new Set([...Object.keys(base), ...Object.keys(head)])]
      .filter((path) => base[path] !== head[path])
      .sort(),
  listFiles: async (_: string, commit: string) => Object.keys(commit === 'base' ? base : head),
  showFile: async (_: string, commit: string, path: string) =>
    (commit === 'base' ? base : head)[path] ?? null,
});

/** What changed of the tests between them. */
export const findBetween = (base: Files, head: Files) =>
  findTestChanges(gitOver(base, head), sampleProject({ baseCommit: 'base' }), 'head');
