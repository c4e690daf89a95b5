import { describe, expect, it } from 'vitest';
import type { FactoryEvent } from '../../../../src/factory/model/event.ts';
import type { Task, TaskList } from '../../../../src/factory/model/task.ts';
import { scenario } from '../../../support/scenario.ts';

describe('df tasks', () => {
  it('adds, changes and skips tasks by title or beginning of the id, and puts it into the audit log', async () => {
    const s = await scenario();
    const { id } = await s.init('by-hand');
    const first = await s.json<Task>('tasks', 'add', 'by-hand', 'Fix add', '--criterion', 'node --test');
    expect(first).toMatchObject({ title: 'Fix add', status: 'pending', priority: 3 });
    expect(first.criteria).toEqual([{ name: 'node --test', command: 'node --test', expectedExitCode: 0 }]);
    const second = await s.json<Task>(
      ...['tasks', 'add', id.slice(0, 8), 'Say so', '--depends-on', 'Fix add', '--priority', '1'],
    );
    expect(second).toMatchObject({ status: 'blocked', blockedBy: 'dependencies', weaklySpecified: true });
    const updated = await s.json<Task>('tasks', 'update', id, 'Say so', '--priority', '2', '--note', 'later');
    expect(updated).toMatchObject({ priority: 2, verificationNotes: ['later'] });
    const skipped = await s.json<Task>('tasks', 'skip', id, first.id.slice(0, 8), '--reason', 'no need');
    expect(skipped).toMatchObject({ status: 'skipped', skippedBy: 'owner' });
    const list = await s.json<TaskList>('tasks', id);
    expect(list.tasks.map(({ status }) => status)).toEqual(['skipped', 'pending']);
    expect(list.version).toBeGreaterThanOrEqual(4);
    const shown = (await s.df('tasks', id)).stdout;
    expect(shown).toContain('weakly specified');
    const events = (await s.df('logs', id, '--json')).stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as FactoryEvent);
    const own = events.filter(({ data }) => data?.['by'] === 'owner').map(({ type }) => type);
    expect(own).toEqual(['project.created', 'task.added', 'task.added', 'task.updated', 'task.skipped']);
  });

  it('refuses what cannot be, with the exit code of its kind, and changes nothing', async () => {
    const s = await scenario();
    const { id } = await s.init('by-hand');
    await s.json('tasks', 'add', id, 'A');
    await s.json('tasks', 'add', id, 'B', '--depends-on', 'A');
    const before = await s.tasks(id);
    const refusals: [string[], number, string][] = [
      [['update', id, 'A', '--depends-on', 'B'], 2, 'cycle'],
      [['update', id, 'A', '--status', 'completed'], 2, 'completed_needs_proof'],
      [['update', id, 'A', '--status', 'done'], 2, 'invalid_choice'],
      [['update', id, 'A', '--priority', '9'], 2, 'invalid_number'],
      [['update', id, 'A'], 2, 'nothing_to_change'],
      [['update', id, 'nothing', '--priority', '1'], 3, 'task_not_found'],
      [['skip', 'no-such-project', 'A'], 3, 'project_not_found'],
      [['add', id, ' '], 2, 'invalid_title'],
      [['add', id, 'C', '--criterion', 'true'], 2, 'proves nothing'],
      [['add', id, 'C', '--persona', 'nobody'], 3, 'persona_not_found'],
    ];
    for (const [args, code, words] of refusals) {
      const result = await s.df('tasks', ...args, '--json');
      expect(result.code, `${args.join(' ')}: ${result.stderr}`).toBe(code);
      expect(result.stderr).toContain(words);
    }
    expect(await s.tasks(id)).toEqual(before);
    await s.df('stop', id);
    expect((await s.df('tasks', 'add', id, 'C')).code).toBe(2);
  });
});
