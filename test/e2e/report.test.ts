import { expect, it } from 'vitest';
import type { NightReport } from '../../src/factory/report/night/night.ts';
import { BROKEN_SUM, byPrompt, call, MEND_SUM, scenario, sequence } from '../support/scenario.ts';

it('the morning: what is proved, what failed with the assertion, and what comes next', async () => {
  const s = await scenario({
    files: BROKEN_SUM,
    config: ['gates:', '  maxRounds: 2'],
    script: byPrompt([
      { match: 'Fix good.', script: sequence(MEND_SUM) },
      { match: 'Fix bad.', script: sequence([call('finish', { summary: 'Nothing to do.' })]) },
    ]),
  });
  const [good, bad, waits] = [await s.init('good'), await s.init('bad'), await s.init('waits')];
  await s.worker();
  await s.ends(good.id);
  await s.ends(bad.id, 1);
  await s.settles(bad.id);
  expect((await s.df('start', waits.id)).code).toBe(0);
  expect((await s.df('pause', waits.id)).code).toBe(0);
  const night = await s.json<NightReport>('report', '--since', '1h');
  expect(night.totals).toMatchObject({ projects: 3, completed: 1, failed: 1, open: 1 });
  expect(night.totals.cost).toBeCloseTo(night.projects.reduce((sum, each) => sum + each.cost, 0));
  expect(night.needsYou).toMatchObject([{ projectId: waits.id, do: `df resume ${waits.id.slice(0, 8)}` }]);
  const of = (id: string) => night.projects.find((each) => each.id === id);
  expect(of(good.id)).toMatchObject({
    ...{ status: 'completed', tasks: { completed: 1, total: 1 }, branch: good.workBranch, failing: [] },
    ...{ repository: s.repository.dir, next: `df apply ${good.id.slice(0, 8)}` },
  });
  expect(of(bad.id)?.failing).toMatchObject([
    {
      name: 'Tests',
      exitCode: 1,
      failures: [{ test: 'adds', place: expect.stringMatching(/^test\/sum\.test\.js:/) }],
    },
  ]);
  expect(JSON.stringify(of(bad.id)?.failing)).toMatch(/-1 (!==|==) 5/);
  const shown = (await s.df('report')).stdout;
  expect(shown.indexOf('Needs you')).toBeLessThan(shown.indexOf('Proved'));
  expect(shown.indexOf('Proved')).toBeLessThan(shown.indexOf('Failed'));
  const markdown = (await s.df('report', '--format', 'markdown')).stdout;
  expect(markdown).toContain(`Next: \`df retry ${bad.id.slice(0, 8)}\``);
});
