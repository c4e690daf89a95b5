import { Worker } from 'bullmq';
import { expect, it, onTestFinished } from 'vitest';
import { done } from '../../src/queues/jobs/result.ts';
import { createServices } from '../../src/services.ts';
import { startHost } from '../../src/workers/host.ts';
import { tellRevived } from '../../src/workers/main.ts';
import { loadProcessors } from '../../src/workers/processors.ts';
import { eventTypes } from '../support/events.ts';
import { scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

it('a worker that is connected but takes no jobs is replaced with an event, and the job that waited is done', async () => {
  // `lockDuration` is 4 s there.
  const s = await scenario();
  const services = await createServices({ role: 'worker', env: { ...s.env, DF_HOME: s.home } });
  onTestFinished(() => services.close());
  let made = 0;
  let looked = 0;
  const host = await startHost({
    services,
    processors: {
      ...(await loadProcessors()),
      projects: async () => {
        looked += 1;
        return done('looked');
      },
    },
    redis: await services.redis(),
    prefix: await services.queuePrefix(),
    queues: ['projects'],
    concurrency: () => 1,
    onFailure: async () => {},
    // The first one connects, but never asks for a job.
    makeWorker: (name, process, settings) => {
      made += 1;
      return new Worker(name, process, { ...settings, autorun: made > 1 });
    },
  });
  onTestFinished(() => host.close(1_000));
  await services.projectService.requestReconcile(0, 'test');
  await tellRevived(services, host);
  expect(await eventTypes(s.home)).toEqual([]);
  await until(async () => {
    await tellRevived(services, host);
    return (await eventTypes(s.home)).length > 0;
  });
  expect(await eventTypes(s.home)).toEqual(['worker.recreated']);
  await until(() => looked === 1, 15_000, 'the job that waited');
  expect(made).toBe(2);
  expect(await host.revive(0)).toEqual([]);
});
