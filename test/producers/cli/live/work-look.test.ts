import { expect, test } from 'vitest';
import { DarkFactoryError } from '../../../../src/lib/failure.ts';
import { lookAtBranches, type WorkLook } from '../../../../src/producers/cli/live/work-look.ts';
import { makeFork } from '../../../factory/decisions/fork-fixture.ts';
import { makeProject } from '../fixtures.ts';

const gone = (id: string) =>
  new DarkFactoryError('not_found', 'project_not_found', `There is no project ${id}.`, 'See df list.');

test('a branch of a fork that is just being made is looked at once it is there', async () => {
  const fork = makeFork({ phase: 'planned' });
  const [first, second] = fork.branches.map(({ projectId }) => projectId);
  const parent = makeProject({ forks: [fork] });
  const made = new Set([first]);
  const look = async (id: string): Promise<WorkLook> => {
    if (!made.has(id)) throw gone(id);
    const project = makeProject({ id });
    return { project, agent: undefined, tasks: { settled: 0, total: 0 }, diff: null, cost: 0 };
  };
  const seen = async () => (await lookAtBranches(look, parent)).map(({ project }) => project.id);
  expect(await seen()).toEqual([first]);
  made.add(second);
  expect(await seen()).toEqual([first, second]);
});
