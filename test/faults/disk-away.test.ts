import { renameSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';

it('A133 disk-away: while the disk of a repository is away its project waits and says so, its owner is told once, and it goes on by itself', async () => {
  let goes = (_: Scenario['repository']) => {};
  const script = sequence(MEND_SUM);
  const s = await scenario({
    script: (turn) => {
      // The claim that is answered now cannot be committed.
      if (turn.assistantTurns === 4) goes(s.repository);
      return script(turn);
    },
  });
  const { id } = await s.init('away');
  const awayTo = `${s.repository.dir}.away`;
  goes = ({ dir }) => {
    goes = () => {};
    renameSync(dir, awayTo);
  };
  await s.worker();
  await s.df('start', id);
  const { status, waiting } = await s.when(id, 'waiting', ({ waiting: reason }) => reason?.for === 'disk');
  expect([status, waiting?.detail]).toEqual(['active', expect.stringContaining('is not a git repository')]);
  renameSync(awayTo, s.repository.dir);
  await s.ends(id);

  const told = (await s.events(id)).filter(({ type }) => type === 'project.waiting');
  expect(told.map(({ level }) => level)).toEqual(['warn', ...told.slice(1).map(() => 'info')]);
  expect(s.model.requests).toHaveLength(7);
  expect((await s.costs(id)).totalSpent).toBeCloseTo(s.model.billed(), 9);
});
