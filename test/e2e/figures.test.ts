import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { activeTime } from '../../src/factory/model/active-time.ts';
import { readAgents } from '../../src/factory/model/agents.ts';
import { call, MEND_SUM, scenario, sequence } from '../support/scenario.ts';
import { LONG } from '../support/looks.ts';
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
