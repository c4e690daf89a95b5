import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { GIVE_UP_MS } from '../../../src/factory/notifications/outbox.ts';

import { chat, openNotices, START, webhook } from './support.ts';

/** By how much a clock was ahead. */
const AHEAD_MS = 5 * 365 * 86_400_000;

describe('letters', () => {
  it('are made once of each event, however many workers look, and named by jobs until they were sent', async () => {
    const { world, worker, make, record, deliverAll } = await openNotices([webhook, chat]);
    const id = await make();
    const [one, two] = [worker(), worker()];
    await one.scan();
    await record(id, 'project.paused', 'why, with a-key-of-a-provider');
    await record('factory', 'disk.low');
    await Promise.all([one.scan(), two.scan(), one.scan()]);
    await two.scan();
    expect(world.jobs.size).toBe(4);
    await deliverAll(two);
    expect(world.sent.map(({ kind }) => kind).sort()).toEqual(['disk_low', 'disk_low', 'paused', 'paused']);
    expect(JSON.stringify(world.sent)).not.toContain('a-key-of-a-provider');
    expect(new Set((await deliverAll(one)).map(({ detail }) => detail))).toEqual(
      new Set(['it was sent before']),
    );
    expect(world.sent).toHaveLength(4);
  });

  it('come back as jobs when the queue forgot them, with the moment of the next try', async () => {
    const { world, worker, make, record, deliverAll } = await openNotices();
    const id = await make();
    await worker().scan();
    await record(id, 'project.paused');
    await worker().scan();
    world.answer = { ok: false, problem: 'closed' };
    const [first] = await deliverAll();
    expect(first).toMatchObject({ outcome: 'later', until: new Date(START + 5_000) });
    // Before its moment nothing is tried.
    expect(await deliverAll()).toMatchObject([{ outcome: 'later', until: new Date(START + 5_000) }]);
    expect(world.sent).toHaveLength(1);
    world.jobs.clear();
    await worker().scan();
    expect([...world.jobs.values()]).toMatchObject([{ delay: 5_000 }]);
    world.now += 6_000;
    world.answer = { ok: true };
    await deliverAll();
    const ids = world.sent.map((notice) => notice.id);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  it('are not sent again and again while the disk is too full to note that they were sent', async () => {
    const { onFullDisk, world, worker, make, record, deliverAll } = await openNotices();
    const id = await make();
    const mine = worker([webhook], onFullDisk());
    await mine.scan();
    await record(id, 'project.paused');
    await mine.scan();
    world.full = true;
    for (let tries = 0; tries < 3; tries += 1) await expect(deliverAll(mine)).rejects.toThrow('disk full');
    world.full = false;
    expect(await deliverAll(mine)).toMatchObject([{ outcome: 'done' }]);
    expect(world.sent).toHaveLength(1);
  });

  it('of another attempt are its own: nothing old is told again, and its end is', async () => {
    const { world, worker, make, record, deliverAll, boxes, state } = await openNotices();
    const id = await make();
    const end = async (status: 'failed' | 'completed', more: Partial<Project> = {}) => {
      await state
        .project(id)
        .update((each) => ({ ...each, status, settled: true, endTime: new Date(world.now), ...more }));
      await worker().scan();
      await deliverAll();
      await worker().scan();
    };
    await worker().scan();
    await record(id, 'project.paused');
    await worker().watch(id);
    await end('failed', { stopped: true });
    expect(world.sent.map(({ title }) => title)).toContainEqual(expect.stringMatching(/ was stopped$/));
    expect(await boxes()).not.toContain(`${id}.yaml`);
    world.now += 60_000;
    const attempts = [{ startedAt: new Date(START) }, { startedAt: new Date(world.now) }];
    await state
      .project(id)
      .update(({ stopped: _stopped, ...each }) => ({ ...each, status: 'active', settled: false, attempts }));
    await worker().scan();
    await worker().watch(id);
    await end('completed');
    expect(world.sent.map(({ kind }) => kind)).toEqual(['paused', 'failed', 'completed']);
  });

  it('A140 are sent although the clock was ahead when they were put off, and is set back since', async () => {
    const { world, worker, make, record, deliverAll } = await openNotices();
    const id = await make();
    await worker().scan();
    world.now += AHEAD_MS;
    await record(id, 'project.paused');
    await worker().scan();
    world.answer = { ok: false, problem: 'closed' };
    expect(await deliverAll()).toMatchObject([{ outcome: 'later' }]);
    world.now = START;
    world.jobs.clear();
    await worker().scan();
    expect([...world.jobs.values()].map(({ delay = 0 }) => delay)).toEqual([0]);
    world.answer = { ok: true };
    expect(await deliverAll()).toMatchObject([{ outcome: 'done' }]);
  });

  it('A140 are made of what happens in an attempt that began while the clock was ahead', async () => {
    const { world, worker, make, record } = await openNotices();
    await worker().scan();
    const begun = new Date(START + AHEAD_MS);
    const id = await make({ attempts: [{ startedAt: new Date(START) }, { startedAt: begun }] });
    await record(id, 'project.paused', 'of the attempt before', START + 1_000);
    await record(id, 'project.retried', 'again', begun.getTime());
    world.now = START + 60_000;
    const mine = worker();
    await mine.scan();
    await record(id, 'project.paused', 'of this one');
    await mine.scan();
    expect(world.jobs.size).toBe(1);
  });

  it('are given up after a day of refusals', async () => {
    const { world, worker, make, record, deliverAll } = await openNotices();
    const id = await make();
    await worker().scan();
    await record(id, 'project.paused');
    await worker().scan();
    world.answer = { ok: false, problem: 'gone' };
    world.now += GIVE_UP_MS + 1;
    expect(await deliverAll()).toMatchObject([{ outcome: 'done', detail: 'given up: gone' }]);
    world.jobs.clear();
    await worker().scan();
    expect(world.jobs.size).toBe(0);
  });
});

describe('targets', () => {
  it('hear only what they asked for, and nothing from before they were configured', async () => {
    const { world, worker, make, record, deliverAll } = await openNotices();
    const id = await make();
    await record(id, 'project.paused', 'long ago', START - 60_000);
    await worker().scan();
    expect(world.jobs.size).toBe(0);
    await record(id, 'project.waiting_for_credits');
    await worker([{ ...webhook, on: ['paused'] }]).scan();
    expect(world.jobs.size).toBe(0);
    world.now += 1_000;
    await record(id, 'project.paused', 'now');
    await worker([webhook, chat]).scan();
    await deliverAll(worker([webhook, chat]));
    expect(world.sent.map(({ message }) => message)).toEqual(['now', 'now']);
  });

  it('A140 hear of everything when they were configured while the clock was ahead, and it is set back since', async () => {
    const { world, worker, make, record, deliverAll } = await openNotices();
    const id = await make();
    await record(id, 'project.paused', 'long ago', START - 60_000);
    world.now += AHEAD_MS;
    await worker().scan();
    world.now = START;
    await record(id, 'project.paused', 'now');
    await worker().scan();
    await deliverAll();
    expect(world.sent.map(({ message }) => message)).toEqual(['now']);
  });

  it('that are configured no more get nothing, and leave nothing behind', async () => {
    const { world, worker, make, record, deliverAll, boxes } = await openNotices();
    const id = await make();
    await worker().scan();
    await record(id, 'project.paused');
    await worker().scan();
    expect(await deliverAll(worker([chat]))).toMatchObject([
      { detail: 'its target is not configured any more' },
    ]);
    expect(world.sent).toHaveLength(0);
    await worker([]).scan();
    expect(await boxes()).toEqual([`${id}.yaml`]);
  });
});

describe('the end of a project', () => {
  it('is told from its state although no event says so, and the box goes when it was sent', async () => {
    const { world, worker, make, deliverAll, boxes, state } = await openNotices();
    const id = await make();
    await worker().scan();
    await worker().watch(id);
    await state.project(id).update((current) => ({
      ...current,
      status: 'completed',
      statusReason: 'all proved',
      endTime: new Date(world.now),
      settled: true,
    }));
    await worker().scan();
    expect(await boxes()).toContain(`${id}.yaml`);
    await deliverAll();
    expect(world.sent).toMatchObject([{ kind: 'completed', message: 'all proved', project: { id } }]);
    await worker().scan();
    expect(await boxes()).not.toContain(`${id}.yaml`);
    // A job that ends it a second time does not make it be told again.
    world.jobs.clear();
    await worker().watch(id);
    await worker().scan(id);
    expect(await boxes()).not.toContain(`${id}.yaml`);
    expect(world.jobs.size).toBe(0);
  });

  it('of a project that was removed leaves no box', async () => {
    const { worker, make, boxes, state } = await openNotices();
    const id = await make();
    await worker().scan();
    await worker().watch(id);
    expect(await boxes()).toContain(`${id}.yaml`);
    await rm(state.projectFolder(id), { recursive: true });
    await worker().scan();
    expect(await boxes()).not.toContain(`${id}.yaml`);
  });
});
