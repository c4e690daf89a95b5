import { findTouches } from '../../../../src/factory/gates/control/touches.ts';
import { sampleProject } from '../../../support/samples.ts';

/** The lines that are objected to where a commit differs from its base by these files; `null` takes one away. */
export const touched = async (head: Record<string, string | null>, base: Record<string, string> = {}) => {
  const now: Record<string, string | null> = { ...base, ...head };
  const git = {
    changedFiles: async () => Object.keys(head),
    listFiles: async (_: string, commit: string) =>
      Object.keys(commit === 'base' ? base : now).filter((path) => commit === 'base' || now[path] !== null),
    showFile: async (_: string, commit: string, path: string) =>
      (commit === 'base' ? base : now)[path] ?? null,
  };
  const project = sampleProject({ baseCommit: 'base' });
  const words = { allowAll: false, owner: [], agents: [] };
  return (await findTouches(git, project, 'head', words)).map(({ line }) => line);
};
