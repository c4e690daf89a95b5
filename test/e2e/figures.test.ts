import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { activeTime } from '../../src/factory/model/active-time.ts';
import { readAgents } from '../../src/factory/model/agents.ts';
import type { Project } from '../../src/factory/model/project.ts';
import { LONG } from '../support/looks.ts';
import { call, MEND_SUM, scenario, sequence, slow } from '../support/scenario.ts';
import { until } from '../support/until.ts';

it('while a command runs its agent is executing and the project’s file has all cost; active time is the whole everywhere', async () => {
  const [plan = call('finish', {}), ...rest] = MEND_SUM;
  const waits = call('bash', { command: 'until [ -e go ]; do sleep 0.1; done; rm go' });
  const s = await scenario({ script: sequence([plan, waits, ...rest]) });
  const { id, worktreePath } = await s.init('figures');
  await s.worker();
  expect((await s.df('start', id)).code).toBe(0);
  const agent = () => s.services.state.agent(id, 'engineer').get();

  await until(async () => {
    const { nextStep, status } = await agent();
    return nextStep === 2 && status === 'executing';
  }, LONG);
  const { entries, totalSpent, tokensUsed } = await s.costs(id);
  expect(entries).toHaveLength(2);
  await until(async () => (await s.project(id)).totalCost === totalSpent, LONG);
  expect(await s.project(id)).toMatchObject({ tokensUsed, agentsMs: expect.any(Number) });
  expect((await s.status(id)).agents[0]?.status).toBe('executing');

  await writeFile(join(worktreePath, 'go'), '');
  const ended = await s.settles(id);
  expect((await agent()).status).toBe('completed');
  const whole = activeTime(ended, await readAgents(s.services.state, ended));
  expect(whole).toBeGreaterThan(ended.activeMs);
  expect((await s.status(id)).project.activeMs).toBe(whole);
  expect(await s.json('export', id, '--format', 'json')).toMatchObject({ time: { activeMs: whole } });
  expect(await s.json('branches', id)).toMatchObject({ figures: { activeMs: whole } });
});

it('every order answers with the figures of the status', async () => {
  const s = await scenario({ script: slow(300) });
  const { id } = await s.init('orders');
  const worker = await s.worker();
  await s.json('start', id);
  await until(async () => (await s.status(id)).project.activeMs > 300, LONG);
  const figures = ({ activeMs, agentsMs, totalCost, tokensUsed }: Project) => ({
    ...{ activeMs, agentsMs, totalCost, tokensUsed },
  });
  await s.df('pause', id);
  worker.kill('SIGTERM');
  await worker.exited;
  for (const order of ['pause', 'resume', 'start', 'stop', 'stop', 'retry']) {
    const answer = await s.json<Project>(order, id);
    expect([order, figures(answer)]).toEqual([order, figures((await s.status(id)).project)]);
    expect(answer.activeMs).toBeGreaterThan(0);
  }
  const { project } = await s.json<{ project: Project }>('branches', id);
  expect(figures(project)).toEqual(figures((await s.status(id)).project));
});
