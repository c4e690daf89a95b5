import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { TrialOutcome, TrialPlan } from '../../../src/producers/trial/trial.ts';
import { scenario } from '../../support/scenario.ts';
import { MENDER, tried } from '../../support/scripts/trial-script.ts';
import { openApi } from '../web/open-api.ts';

it('tries a persona on a small repository: its cost is told before, its cap holds, and its outcome is told', async () => {
  const s = await scenario({ script: tried });
  await s.services.personas.save('mender', MENDER);
  const trials = join(s.home, 'data/trials');
  const plan = await s.json<TrialPlan>('persona', 'try', 'mender');
  expect(plan).toMatchObject({ persona: 'mender', budget: 1, estimates: [{ provider: 'main' }] });
  expect(plan.estimates[0]?.cost).toBeGreaterThan(0);
  const words = await s.df('persona', 'try', 'mender', '--budget', '0.01');
  expect(words.stdout).toMatch(
    /main {2,}about \$0\.\d+ for some 14 requests to scripted-1: more than it may spend/,
  );
  expect(words.stdout).toContain('At most  $0.01');
  expect(words.stderr).toContain('Nothing was begun. Try it with: df persona try mender --yes');
  await expect(readdir(trials)).rejects.toThrow('ENOENT');
  expect((await s.services.state.listProjects()).projects).toEqual([]);

  await s.worker();
  const outcome = await s.json<TrialOutcome>('persona', 'try', 'mender', '--yes');
  expect(outcome).toMatchObject({
    persona: 'mender',
    status: 'completed',
    budget: 1,
    turns: 5,
    tasks: { completed: 1, total: 1, proved: 1 },
    diff: { files: 2 },
    gate: { passed: true },
    did: [{ title: 'Count pieces, and give the discount', status: 'completed' }],
  });
  expect(outcome.cost).toBeCloseTo((await s.costs(outcome.id)).totalSpent, 9);
  expect(await s.project(outcome.id)).toMatchObject({ trialOf: 'mender', settings: { budget: 1 } });

  // Less than its first request could cost: not a cent of it is spent.
  const poor = await s.df('persona', 'try', 'mender', '--yes', '--budget', '0.001');
  expect(poor.code).not.toBe(0);
  expect(poor.stdout).toContain('$0.00 of at most $0.001');

  const api = await openApi(s, 'operator');
  const { body } = await api.get<TrialOutcome[]>('/personas/mender/trials');
  expect(body.map(({ cost }) => cost)).toEqual([0, outcome.cost]);
  const looks = await openApi(s, 'viewer');
  expect(await looks.post('/personas/mender/trials', {})).toMatchObject({ status: 403 });
  for (const wrong of [{ budget: 0 }, { budget: -1 }, { text: 'no persona' }, { text: 5 }])
    expect(await api.post('/personas/mender/trials', wrong)).toMatchObject({ status: 400 });
  expect(await readdir(trials)).toHaveLength(2);

  const kept = await s.json<{ trials: string[] }>('clean', '--older-than', '1d');
  expect(kept.trials).toEqual([]);
  // One trial still waits for money: its repository stays however old it is.
  expect((await s.json<{ trials: string[] }>('clean', '--older-than', '1ms')).trials).toHaveLength(1);
  expect(await readdir(trials)).toHaveLength(1);
});
