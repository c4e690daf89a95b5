import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Processor as Process, Worker } from 'bullmq';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { QueueName } from '../../src/queues/jobs/catalogue.ts';
import { startHost } from '../../src/workers/host.ts';
import type { HostOptions } from '../../src/workers/host-options.ts';
import { PROJECT_ID } from '../support/samples.ts';
import { createWorld } from './processors/world.ts';

const full = () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' }));

/** A worker of one queue whose every job meets a full disk. @returns what becomes of a job: its result, or until when it waits */
async function work(queue: QueueName, data: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'host-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { context } = createWorld({ data: folder });
  const services = { ...context.services, emergencyStop: { look: () => null } };
  let process: Process | undefined;
  const host = await startHost({
    ...{ services, processors: { [queue]: full }, queues: [queue], prefix: 'df', concurrency: () => 1 },
    ...{ redis: undefined, onFailure: async () => {} },
    makeWorker: (_name: QueueName, given: Process) => {
      process = given;
      const quiet = async () => {};
      return { on: quiet, waitUntilReady: quiet, pause: quiet, close: quiet } as unknown as Worker;
    },
  } as unknown as HostOptions);
  onTestFinished(() => host.close(0));
  let parked = '';
  const job = {
    ...{ id: '1', queueName: queue, data, opts: { attempts: 5 }, attemptsMade: 0, timestamp: Date.now() },
    moveToDelayed: async (until: number) => {
      parked = `parked until ${new Date(until).toISOString()}`;
    },
  };
  const result = process?.(job as never, 'token').catch(() => parked);
  return String(await result);
}

describe('while the disk is full', () => {
  it.each<[QueueName, object]>([
    ['projects', { action: 'reconcile' }],
    ['projects', { action: 'schedule', scheduleId: PROJECT_ID }],
    ['forge', { action: 'watch', project: PROJECT_ID }],
    ['forge', { action: 'intake', forge: 'ours', label: 'factory' }],
  ])(
    'A28 a job of %s that comes again by itself is parked nowhere, where further ones would join it: %j',
    async (queue, data) => {
      expect(await work(queue, data)).toBe('dropped: write');
    },
  );

  it.each<[QueueName, object]>([
    ['projects', { action: 'start', projectId: PROJECT_ID }],
    ['forge', { action: 'publish', project: PROJECT_ID }],
  ])('a job of %s that nobody asks for again waits for room: %j', async (queue, data) => {
    expect(await work(queue, data)).toBe('parked until 2026-03-01T20:01:00.000Z');
  });
});
