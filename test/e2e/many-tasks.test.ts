import { describe, expect, it } from 'vitest';
import { isAudit, withHousekeeping } from '../support/model.ts';
import { call, calls, type Scenario, scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const CALLS = 5;
const PER_CALL = 100;
const TASKS = 5_000;

const added = (from: number) =>
  [
    'add_tasks',
    {
      tasks: Array.from({ length: PER_CALL }, (_, index) => ({
        title: `Task ${from + index}`,
        description: 'A piece of work, described in a sentence.',
        criteria: [{ name: 'it is there', command: `test -f file-${from + index}` }],
        ...(index === 0 ? {} : { dependencies: [`Task ${from + index - 1}`] }),
      })),
    },
  ] as [string, Record<string, unknown>];

/** The bytes that the model was sent in its newest request. */
const sent = (s: Scenario): number => JSON.stringify(s.model.requests.at(-1)?.body ?? '').length;

describe('five thousand tasks', () => {
  it('are added in some calls; the list, the status and every further turn stay within bounds', async () => {
    const turns = TASKS / PER_CALL / CALLS;
    let asked = 0;
    let answered = 0;
    const s = await scenario({
      script: withHousekeeping((turn) => {
        if (isAudit(turn)) return { text: '{}' };
        // Counted here: a conversation of this length is summarised on the way.
        const at = asked;
        asked += 1;
        if (at < turns)
          return calls(
            ...Array.from({ length: CALLS }, (_, index) => added((at * CALLS + index) * PER_CALL)),
          );
        answered += 1;
        if (answered === 1) return call('write_file', { path: 'file-0', content: 'x\n' });
        if (answered === 2) return call('update_task', { id: 'Task 0', status: 'completed' });
        return call('bash', { command: 'sleep 600' });
      }),
    });
    const { id } = await s.init('many', '--no-test');
    await s.worker();
    await s.df('start', id);
    await until(() => answered >= 3, 150_000, 'all tasks are added and one is claimed');
    const { tasks } = await s.tasks(id);
    expect(tasks).toHaveLength(TASKS);
    expect(tasks[0]).toMatchObject({ title: 'Task 0', status: 'completed' });
    expect((await s.json<{ tasks: { total: number } }>('status', id)).tasks.total).toBe(TASKS);
    expect((await s.df('tasks', id)).code).toBe(0);
    expect(sent(s)).toBeLessThan(2_000_000);
    expect((await s.df('stop', id)).code).toBe(0);
    expect((await s.df('export', id)).code).toBe(0);
  });
});
