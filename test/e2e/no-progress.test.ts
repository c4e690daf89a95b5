import { describe, expect, it } from 'vitest';
import { type Turn, withHousekeeping } from '../support/model.ts';
import { call, scenario } from '../support/scenario.ts';

/** What such an agent does in turn, never twice in the same way, so that no repetition gives it away. */
function round(turn: Turn, count: number) {
  const titles = ['Understand the code', 'Write the code', 'Test the code'];
  const tasks = titles.map((title) => ({ title, description: `Attempt ${count}.` }));
  return [
    call('add_tasks', { tasks }),
    call('bash', { command: `ls # ${count}` }),
    call('read_file', { path: 'sum.js', limit: (count % 1_000) + 1 }),
  ][turn.assistantTurns % 3];
}

describe('an agent that begins anew for ever', () => {
  it('and adds the same tasks each time is stopped, and the project ends failed', async () => {
    let turns = 0;
    const s = await scenario({
      script: withHousekeeping((turn) => {
        turns += 1;
        return round(turn, turns) ?? call('bash', { command: 'true' });
      }),
      config: ['agent:', '  idleTurns: 3'],
    });
    const { id } = await s.init('again');
    await s.worker();
    await s.ends(id, 1);
    expect((await s.status(id)).project.status).toBe('failed');
    expect(turns).toBeLessThanOrEqual(3 * 6 + 10);
  });

  it('and plans something new each time is stopped as well', async () => {
    let turns = 0;
    const s = await scenario({
      script: withHousekeeping(() => {
        turns += 1;
        return call('add_tasks', { tasks: [{ title: `Idea ${turns}`, description: 'x' }] });
      }),
      config: ['agent:', '  idleTurns: 3'],
    });
    const { id } = await s.init('ideas');
    await s.worker();
    await s.ends(id, 1);
    expect(turns).toBeLessThanOrEqual(3 * 6 + 10);
  });
});
