import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EventType } from '../../../src/factory/model/event.ts';
import type { Notice } from '../../../src/factory/model/notifications/notification.ts';
import { notificationTarget } from '../../../src/factory/model/notifications/notification-target.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { createNotifications } from '../../../src/factory/notifications/notifications.ts';
import { GIVE_UP_MS } from '../../../src/factory/notifications/outbox.ts';
import type { Sent } from '../../../src/factory/ports.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import { openFactoryLogs } from '../../../src/state/logs/factory-logs.ts';
import { openOutboxes } from '../../../src/state/projects/outbox.ts';
import { openStore, sampleAgent, sampleFinance, sampleProject } from '../../state/samples.ts';

const START = Date.parse('2026-01-02T00:00:00Z');
const never = new AbortController().signal;
const webhook = { type: 'webhook', url: 'http://127.0.0.1:1/a' };
const chat = { type: 'slack', url: 'http://127.0.0.1:1/b' };

async function open(targets: unknown[] = [webhook], encrypt = false) {
  const folder = await mkdtemp(join(tmpdir(), 'notices-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { home, store: state } = openStore(folder);
  await home.prepare();
  const processes = createProcesses();
  const logs = openFactoryLogs(home, { clock: systemClock, processes });
  const world = {
    full: false,
    now: START,
    answer: { ok: true } as Sent,
    sent: [] as Notice[],
    jobs: new Map<string, NextJob>(),
  };
  /** A worker process' worth of it, on the same files. */
  const worker = (configured: unknown[] = targets, boxes = openOutboxes(home, processes, logs.events)) =>
    createNotifications({
      targets: configured.map((each) => notificationTarget.parse(each)),
      boxes,
      state,
      encrypt,
      send: async (_target, notice) => {
        world.sent.push(notice);
        return world.answer;
      },
      queue: async () => ({
        enqueue: async (...jobs) => {
          for (const job of jobs) world.jobs.set(job.deduplicationId, job);
        },
        hasten: async () => undefined,
        missing: async () => [],
      }),
      secrets: async () => ['a-key-of-a-provider'],
      now: () => new Date(world.now),
      newId: newUuid,
      chance: () => 0.5,
      warn: () => undefined,
    });
  const make = async (more: Partial<Project> = {}) => {
    const project = sampleProject({ started: true, status: 'active', ...more });
    await state.createProject(project, [sampleAgent(project.id)], sampleFinance(project.id));
    return project.id;
  };
  const record = (projectId: string, type: EventType, message = 'm', at = world.now) => {
    const event = { projectId, type, message, level: 'warn' as const, timestamp: new Date(at).toISOString() };
    return projectId === 'factory' ? logs.events.append(event) : state.events(projectId).append(event);
  };
  const deliverAll = async (by = worker()) => {
    const answers = [];
    for (const job of world.jobs.values())
      if (job.queue === 'notifications') answers.push(await by.deliver(job.payload, never));
    return answers;
  };
  const boxes = async () =>
    (await readdir(join(home.data, 'outbox'))).filter((name) => name !== 'targets.yaml');
  /** The same outboxes on a disk that takes nothing while `world.full`. */
  const onFullDisk = () => {
    const real = openOutboxes(home, processes, logs.events);
    const box: typeof real.box = (id) => ({
      get: () => real.box(id).get(),
      later: (change) => real.box(id).later(change),
      update: (change) => (world.full ? Promise.reject(new Error('disk full')) : real.box(id).update(change)),
    });
    return { ...real, box };
  };
  return { onFullDisk, world, worker, make, record, deliverAll, boxes, state };
}

describe('letters', () => {
  it('are made once of each event, however many workers look, and named by jobs until they were sent', async () => {
    const { world, worker, make, record, deliverAll } = await open([webhook, chat]);
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
    const { world, worker, make, record, deliverAll } = await open();
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
    const { onFullDisk, world, worker, make, record, deliverAll } = await open();
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
    const { world, worker, make, record, deliverAll, boxes, state } = await open();
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

  it('are given up after a day of refusals', async () => {
    const { world, worker, make, record, deliverAll } = await open();
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
    const { world, worker, make, record, deliverAll } = await open();
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

  it('that are configured no more get nothing, and leave nothing behind', async () => {
    const { world, worker, make, record, deliverAll, boxes } = await open();
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
    const { world, worker, make, deliverAll, boxes, state } = await open();
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
    const { worker, make, boxes, state } = await open();
    const id = await make();
    await worker().scan();
    await worker().watch(id);
    expect(await boxes()).toContain(`${id}.yaml`);
    await rm(state.projectFolder(id), { recursive: true });
    await worker().scan();
    expect(await boxes()).not.toContain(`${id}.yaml`);
  });
});
