import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Total } from '../../../../../src/factory/history/estimate.ts';
import type { ModelRecord } from '../../../../../src/factory/history/models.ts';
import type { Rehearsal } from '../../../../../src/factory/rehearsal/finding.ts';
import { FIVE_CENTS } from '../../../../support/priced.ts';
import { MEND_SUM, SUM_TEST, scenario, sequence } from '../../../../support/scenario.ts';

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

  const file = join(s.home, 'night.yaml');
  const entries = ['name: poor, budget: 0.01', 'name: rich, budget: 50', 'name: elsewhere, model: main'];
  const more = `lint: false, format: false, description: Fix the failing test., test: ${JSON.stringify(SUM_TEST)}`;
  await writeFile(file, `projects:\n${entries.map((each) => `  - { ${each}, ${more} }`).join('\n')}`);
  const asked = await s.json<{ projects: object[]; total: Total }>('estimate', file);
  expect(asked.projects).toMatchObject([
    { name: 'poor', basis: 'repository, persona and model', projects: 1, cost: { median: totalSpent } },
    { name: 'rich', cost: { p90: totalSpent } },
    { name: 'elsewhere', asked: { models: ['scripted-1'] } },
  ]);
  expect(asked.total).toMatchObject({ projects: 3, known: 3 });
  expect(asked.total.cost?.median).toBeCloseTo(3 * totalSpent, 9);
  expect((await s.df('estimate', file)).stdout).toMatch(/^in sum +\$/m);
  expect((await s.df('estimate', file, '--model', 'main')).stderr).toContain(
    'A file of projects and --model',
  );
  const { projects } = JSON.parse((await s.df('rehearse', file, '--json')).stdout) as Rehearsal;
  expect(projects.map(({ ready }) => ready)).toEqual([false, true, true]);
  expect(projects[0]?.findings).toMatchObject([
    {
      level: 'error',
      what: expect.stringMatching(
        /^Its budget is \$0\.01.*the one finished project like it took \$[\d.]+\d\.$/,
      ),
    },
  ]);
});
