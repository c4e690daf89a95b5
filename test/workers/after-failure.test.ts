import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { afterFailure } from '../../src/workers/after-failure.ts';
import { remedyFor } from '../../src/workers/recovery.ts';
import { PROJECT_ID } from '../support/samples.ts';
import { createWorld, createWorldAtRest } from './processors/world.ts';

const STOP = { projectId: PROJECT_ID, action: 'stop', outcome: 'failed', reason: 'Enough.', attempt: 1 };
const unsigned = new DarkFactoryError('environment', 'signing_failed', 'gpg has no key', 'Unlock it.');
const torn = new DarkFactoryError('environment', 'state_unreadable', 'tasks.yaml is cut off', 'Mend it.');
const broken = new DarkFactoryError('failed', 'worktree_broken', 'its HEAD is gone', 'Look.');
const shut = new DarkFactoryError('failed', 'not_permitted', 'git may not write', 'Open it.');

/** After the last attempt of a job. */
async function fails(
  project: Partial<Project>,
  error: DarkFactoryError,
  {
    payload = STOP,
    at = createWorldAtRest({ project }),
  }: { payload?: object; at?: ReturnType<typeof createWorld> } = {},
) {
  await afterFailure(at.context.services, payload, error, remedyFor(error, 0, 4, payload));
  return { ...at, after: await at.project(), told: at.events.map(({ type, level }) => `${type} ${level}`) };
}

describe('a project that has ended and whose end fails', () => {
  const stopped = { status: 'failed', stopped: true, statusReason: 'Enough.' } as const;

  it.each([
    ['its last commit cannot be signed', unsigned],
    ['one of its files is damaged', torn],
    ['its worktree is broken', broken],
  ])('A176 is settled with its worktree left, told once, and its parent goes on: %s', async (_, error) => {
    const { after, told, acts } = await fails(stopped, error);
    expect(after).toMatchObject({
      ...stopped,
      statusReason: expect.stringContaining(error.message),
      settled: true,
    });
    expect(after.statusReason).toMatch(/^Enough\. .*df clean tries again/);
    expect(told).toEqual(['project.failed error']);
    expect(acts).toEqual([`dispatch parent of ${PROJECT_ID}`]);
  });

  it('A176 is settled also where what it cost cannot be counted, for that is what is damaged', async () => {
    const at = createWorldAtRest({ project: { ...stopped, totalCost: 3 } });
    at.state.tasks = () => ({ get: () => Promise.reject(torn) }) as never;
    const { after } = await fails(stopped, torn, { at });
    expect(after).toMatchObject({ settled: true, totalCost: 3 });
  });

  it('A176 whose disk is away waits for it, which is told once', async () => {
    const at = createWorld({ project: stopped });
    for (let round = 0; round < 3; round += 1) await fails(stopped, shut, { at });
    expect(at.events).toMatchObject([{ type: 'project.waiting', level: 'warn', data: { for: 'disk' } }]);
    expect(await at.project()).toMatchObject({ ...stopped, settled: false });
  });

  it('is left alone where another job than that of its end fails', async () => {
    const payload = { projectId: PROJECT_ID, kind: 'finish', persona: 'engineer' };
    const { after, told } = await fails(stopped, torn, { payload });
    expect({ settled: after.settled, told }).toEqual({ settled: false, told: [] });
  });
});

it('a project that could only end now is paused for its owner where its last commit cannot be signed', async () => {
  const { after, acts } = await fails({ status: 'active' }, unsigned);
  expect(after.status).toBe('active');
  expect(acts).toEqual([`pause ${PROJECT_ID} owner: gpg has no key. Unlock it.`]);
});
