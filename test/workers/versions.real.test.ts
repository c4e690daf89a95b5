/** Workers of two versions side by side: the older one must not harm what it does not understand. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readVersion } from '../../src/lib/version.ts';
import { createServices } from '../../src/services.ts';
import { encodeDocument } from '../../src/state/documents/document-text.ts';
import { stringifyYaml } from '../../src/state/documents/yaml.ts';
import { afterFailure } from '../../src/workers/after-failure.ts';
import { startHost } from '../../src/workers/host.ts';
import { loadProcessors } from '../../src/workers/processors.ts';
import { sampleAgent, sampleFinance, sampleProject } from '../state/samples.ts';
import { makeHome } from '../support/home.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());

/** A worker of this version on a home of its own, with a project that was started. */
async function worker() {
  const { home, cleanup } = await makeHome();
  const env = { PATH: process.env['PATH'], HOME: home, DF_HOME: home, REDIS_URL: server.url };
  const services = await createServices({ role: 'worker', env });
  await services.home.prepare();
  const project = sampleProject({ status: 'active', started: true, prepared: true });
  await services.state.createProject(project, [sampleAgent(project.id)], sampleFinance(project.id));
  const host = await startHost({
    services,
    processors: await loadProcessors(),
    redis: await services.redis(),
    prefix: await services.queuePrefix(),
    queues: ['projects', 'agent-steps'],
    concurrency: () => 1,
    onFailure: (payload, error, remedy) => afterFailure(services, payload, error, remedy),
  });
  onTestFinished(async () => {
    await host.close(1_000);
    await services.close();
    await cleanup();
  });
  const { queues } = await services.queues();
  const file = join(services.state.projectFolder(project.id), 'project.yaml');
  return { services, queues, project, file };
}

test('a job with an action of a newer version goes back untouched, for a worker that knows it', async () => {
  const { queues, project, file } = await worker();
  const before = await readFile(file);
  const data = { action: 'celebrate', projectId: project.id };
  const job = await queues.projects.add('projects', data, { attempts: 2 });
  await until(() => job.isDelayed());
  const kept = await queues.projects.getJob(job.id ?? '');
  expect(kept).toMatchObject({ data, attemptsMade: 0, processedBy: `df-${readVersion()}` });
  expect(await queues.projects.getJobCounts('failed', 'completed')).toEqual({ failed: 0, completed: 0 });
  expect(await readFile(file)).toEqual(before);
});

test('a job with an entry that only a newer version knows goes back untouched', async () => {
  const { queues, project, file } = await worker();
  const before = await readFile(file);
  const data = { projectId: project.id, persona: 'engineer', step: 1, mode: 'careful' };
  const job = await queues['agent-steps'].add('agent-steps', data, { attempts: 1 });
  await until(() => job.isDelayed());
  expect(await readFile(file)).toEqual(before);
});

test('a step of a project whose state a newer version wrote waits; the project is neither paused nor failed', async () => {
  const { queues, project, file } = await worker();
  const next = encodeDocument(stringifyYaml({ ...project, schemaVersion: 2, mood: 'new' }));
  await writeFile(file, next);
  const data = { projectId: project.id, persona: 'engineer', step: 1 };
  const job = await queues['agent-steps'].add('agent-steps', data, { attempts: 1 });
  await until(() => job.isDelayed());
  expect((await queues['agent-steps'].getJob(job.id ?? ''))?.attemptsMade).toBe(0);
  expect(await readFile(file)).toEqual(next);
});

test('a job that nobody has understood for a day is given up', async () => {
  const { queues, project, file } = await worker();
  const before = await readFile(file);
  const timestamp = Date.now() - 25 * 60 * 60 * 1_000;
  const job = await queues.projects.add(
    'projects',
    { action: 'celebrate', projectId: project.id },
    { timestamp, attempts: 3 },
  );
  await until(() => job.isFailed());
  expect(await readFile(file)).toEqual(before);
});
