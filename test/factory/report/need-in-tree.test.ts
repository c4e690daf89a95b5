import { expect, test } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { needInTree } from '../../../src/factory/report/need-in-tree.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';
import { createMemoryState } from '../../support/memory-state.ts';

test('a project whose branch waits for its owner needs him, and not one whose branches go on', async () => {
  const since = new Date(0);
  const paused = (cause: 'owner' | 'project'): Partial<Project> => ({
    ...{ status: 'paused', started: true, waiting: { for: cause, detail: cause, since } },
  });
  const branch = makeProject({ id: '2b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', ...paused('owner') });
  const root = makeProject({ childProjectIds: [branch.id], ...paused('project') });
  const { store: state } = createMemoryState([root, branch], []);
  expect(await needInTree(state, root, 1)).toEqual({
    why: 'owner',
    do: `df resume ${branch.id.slice(0, 8)}`,
  });
  await state
    .project(branch.id)
    .update((each) => ({ ...each, status: 'active' as const, waiting: undefined }));
  expect(await needInTree(state, root, 1)).toBeNull();
});
