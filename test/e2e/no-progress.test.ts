import { describe, expect, it } from 'vitest';
import { sharedHouse } from '../support/house.ts';
import { type Turn, withHousekeeping } from '../support/model.ts';
import { call } from '../support/scenario.ts';

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
  const house = sharedHouse({ config: ['agent:', '  idleTurns: 3'] });

  it('is stopped where it adds the same tasks each time, and the project ends failed', async () => {
    let turns = 0;
    const script = withHousekeeping((turn) => {
      turns += 1;
      return round(turn, turns) ?? call('bash', { command: 'true' });
    });
    const id = await house.ends('again', script, 1);
    expect((await house.s.status(id)).project.status).toBe('failed');
    expect(turns).toBeLessThanOrEqual(3 * 6 + 10);
  });

  it('is stopped where it plans something new each time', async () => {
    let turns = 0;
    const script = withHousekeeping(() => {
      turns += 1;
      return call('add_tasks', { tasks: [{ title: `Idea ${turns}`, description: 'x' }] });
    });
    await house.ends('ideas', script, 1);
    expect(turns).toBeLessThanOrEqual(3 * 6 + 10);
  });
});
