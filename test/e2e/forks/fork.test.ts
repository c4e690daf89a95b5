import { describe, expect, it } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { BAD, forkScript, GOOD } from '../../support/forks.ts';
import { type Scenario, scenario } from '../../support/scenario.ts';

/** Branches that fail do so at their second red gate. */
const CONFIG = ['gates:', '  maxRounds: 2'];

/** @param told what is said meanwhile */
async function ended(s: Scenario, id: string, told: RegExp[] = []): Promise<Project> {
  const waited = await s.df('start', id, '--wait');
  const now = await s.project(id);
  expect(waited.code, `${waited.stderr}\n${now.statusReason}`).toBe(now.status === 'completed' ? 0 : 1);
  for (const each of told) expect(waited.stderr).toMatch(each);
  return now;
}

describe('a fork', () => {
  it('A29 child-failed-parent: two options are built side by side on two workers, one fails, the proved one is merged, and the parent completes', async () => {
    const s = await scenario({
      script: forkScript({ 'Plus sign': GOOD, 'Counting loop': BAD }),
      config: CONFIG,
    });
    const { id } = await s.init('sum');
    await Promise.all([s.worker(), s.worker()]);
    const parent = await ended(s, id, [
      /branch “Plus sign” · engineer · step \d+ · \w+ · \$0\.\d+ · /,
      /branch “Counting loop” · engineer · step \d+ · /,
    ]);
    expect(parent.status, parent.statusReason).toBe('completed');

    const [fork] = parent.forks;
    expect(fork).toMatchObject({ phase: 'merged', choice: { by: 'evidence' } });
    const children = await Promise.all(parent.childProjectIds.map((child) => s.project(child)));
    expect(children.map(({ status }) => status)).toEqual(['completed', 'failed']);
    expect(children[0]?.workBranch).toBe(`${parent.workBranch}--plus-sign`);
    expect(await s.repository.git('show', `${parent.workBranch}:sum.js`)).toContain('a + b');
    const costs = await s.costs(id);
    expect(costs.totalSpent).toBeCloseTo(s.model.billed(), 9);

    const shown = async (...args: string[]) => (await s.df(...args)).stdout;
    const branches = await shown('branches', id);
    for (const text of ['Plus sign', 'Counting loop', 'completed', 'failed'])
      expect(branches).toContain(text);
    const { choice } = await s.json<{ choice: { by: string } }>('compare', ...parent.childProjectIds);
    expect(choice.by).toBe('evidence');
    expect(await shown('costs', id)).toContain('Counting loop');
    const report = await shown('export', id);
    for (const text of ['How should add add?', 'Only “Plus sign” is proved', 'Counting loop'])
      expect(report).toContain(text);
  });
});
