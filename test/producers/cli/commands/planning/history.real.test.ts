import { expect, test } from 'vitest';
import type { ModelRecord } from '../../../../../src/factory/history/models.ts';
import { FIVE_CENTS } from '../../../../support/priced.ts';
import { MEND_SUM, scenario, sequence } from '../../../../support/scenario.ts';

test('df estimate and df models tell what finished projects took, and say so while there are none', async () => {
  const steps = MEND_SUM.map((step) => (typeof step === 'function' ? step : { ...step, usage: FIVE_CENTS }));
  const s = await scenario({ script: sequence(steps) });
  expect(await s.json('estimate')).toMatchObject({ basis: 'none', cost: null });
  expect((await s.df('estimate')).stdout).toContain('Nothing can be said yet');
  expect((await s.df('models')).stdout).toContain('No model has done anything yet');
  const { id } = await s.init('first');
  await s.worker();
  await s.ends(id);
  await s.settles(id);
  const { totalSpent } = await s.costs(id);
  expect(await s.json('estimate')).toMatchObject({
    basis: 'repository, persona and model',
    projects: 1,
    proved: 1,
    cost: { median: totalSpent, p90: totalSpent },
  });
  expect(await s.json('estimate', '--model', 'another', '--persona', 'tester')).toMatchObject({
    basis: 'repository',
    projects: 1,
  });
  const [record] = await s.json<ModelRecord[]>('models');
  expect(record).toMatchObject({ model: 'scripted-1', provedTasks: 1 });
  expect(record?.cost).toBeCloseTo(totalSpent, 9);
  expect(record?.costPerProvedTask).toBeCloseTo(totalSpent, 9);
  expect((await s.df('estimate', '--repo', '/nowhere')).code).toBe(2);
});
