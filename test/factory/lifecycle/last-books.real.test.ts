import { expect, it, onTestFinished } from 'vitest';
import { lastBooks } from '../../../src/factory/lifecycle/steps/last-books.ts';
import { createServices } from '../../../src/services.ts';
import { addProject } from '../../state/samples.ts';
import { makeHome } from '../../support/home.ts';
import { startRedis } from '../../support/redis.ts';

it('books what a dead worker had under way when its project ended, once', async () => {
  const home = await makeHome();
  const redis = await startRedis();
  const services = await createServices({
    role: 'worker',
    env: { DF_HOME: home.home, REDIS_URL: redis.url },
  });
  onTestFinished(async () => {
    await services.close();
    await redis.stop();
    await home.cleanup();
  });
  const { state } = services;
  const project = await addProject(state, { status: 'failed', started: true });
  const journal = state.journal(project.id, 'engineer');
  const writer = await journal.lease(1, await services.holder());
  await writer?.append({
    type: 'request',
    requestId: 'lost',
    provider: 'main',
    model: 'm',
    operation: 'chat',
    reserved: 0.5,
  });
  await lastBooks(services, project);
  await lastBooks(services, project);
  const rows = await state.costs(project.id).readAll();
  expect(rows).toMatchObject([{ requestId: 'lost', cost: 0.5, possible: true }]);
  expect((await journal.entries()).at(-1)).toMatchObject({ type: 'step_done', outcome: 'interrupted' });
});
