import { describe, expect, it } from 'vitest';
import { resume } from '../../src/factory/model/lifecycle.ts';
import type { Project } from '../../src/factory/model/project.ts';
import { DarkFactoryError } from '../../src/lib/failure.ts';
import { afterFailure } from '../../src/workers/after-failure.ts';
import { remedyFor } from '../../src/workers/recovery.ts';
import { NOW, PROJECT_ID } from '../support/samples.ts';
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

describe('a git that is not done in its time', () => {
  const late = new DarkFactoryError('failed', 'git_timeout', 'git ls-files took longer', 'Look for it.');
  /** So many times in a row, at each of which the job begins anew. */
  async function failsOften(at: ReturnType<typeof createWorld>, times: number, error = late) {
    const payload = { projectId: PROJECT_ID, action: 'start' };
    for (let round = 0; round < times; round += 1) {
      await at.context.services.projectService.goOn(PROJECT_ID);
      await fails({}, error, { payload, at });
    }
    return at.project();
  }
  const world = (validateWorktree: () => Promise<boolean>) =>
    createWorld({ project: { status: 'active' }, git: { validateWorktree } });

  it('A187 pauses its project with the reason after twenty times in a row', async () => {
    const at = world(async () => true);
    expect((await failsOften(at, 19)).status).toBe('active');
    const paused = await failsOften(at, 1);
    expect(paused).toMatchObject({ status: 'paused', waiting: { for: 'owner' } });
    expect(paused.statusReason).toMatch(/^git ls-files took longer\. .*20 times in a row\. df resume/);
    await at.state.project(PROJECT_ID).update((project) => resume(project, NOW));
    expect((await failsOften(at, 19)).status).toBe('active');
  });

  it('A180 is waited for as long as it lasts where the repository does not answer either', async () => {
    const project = await failsOften(
      world(() => Promise.reject(late)),
      60,
    );
    expect(project).toMatchObject({ status: 'active', waiting: { for: 'disk' } });
  });

  it('A180 is waited for anew once a step has gone well, and other troubles of disks do not count', async () => {
    const at = world(async () => true);
    await failsOften(at, 19);
    await at.context.services.projectService.wentWell(PROJECT_ID);
    await failsOften(at, 40, shut);
    expect((await failsOften(at, 19)).status).toBe('active');
  });
});

it('a project that could only end now is paused for its owner where its last commit cannot be signed', async () => {
  const { after, acts } = await fails({ status: 'active' }, unsigned);
  expect(after.status).toBe('active');
  expect(acts).toEqual([`pause ${PROJECT_ID} owner: gpg has no key. Unlock it.`]);
});
