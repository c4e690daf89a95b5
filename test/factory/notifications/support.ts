import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EventType } from '../../../src/factory/model/event.ts';
import type { Notice } from '../../../src/factory/model/notifications/notification.ts';
import { notificationTarget } from '../../../src/factory/model/notifications/notification-target.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { createNotifications } from '../../../src/factory/notifications/notifications.ts';
import type { Sent } from '../../../src/factory/ports.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { createProcesses } from '../../../src/lib/process/process.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import { openFactoryLogs } from '../../../src/state/logs/factory-logs.ts';
import { openOutboxes } from '../../../src/state/projects/outbox.ts';
import { openStore, sampleAgent, sampleFinance, sampleProject } from '../../state/samples.ts';

export const START = Date.parse('2026-01-02T00:00:00Z');
const never = new AbortController().signal;
export const webhook = { type: 'webhook', url: 'http://127.0.0.1:1/a' };
export const chat = { type: 'slack', url: 'http://127.0.0.1:1/b' };

/** A home with its notifications, on files; targets, time and answers are the test's. */
export async function openNotices(targets: unknown[] = [webhook], encrypt = false) {
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
        ...{ hasten: async () => undefined, ensure: async () => undefined },
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
