import { describe, expect, it } from 'vitest';
import type { Evidence, TaskList } from '../../../src/factory/model/task.ts';
import { addTasks } from '../../../src/factory/tasks/list/add.ts';
import { followDependencies, inDependencyOrder } from '../../../src/factory/tasks/list/dependencies.ts';
import { addByOwner, updateByOwner } from '../../../src/factory/tasks/list/owner.ts';
import { setStatus, settleClaim, withTask } from '../../../src/factory/tasks/list/rules.ts';
import { uuidFrom } from '../../../src/lib/ids.ts';
import { NOW, PROJECT_ID } from '../../support/samples.ts';

const EMPTY: TaskList = { schemaVersion: 1, version: 0, projectId: PROJECT_ID, tasks: [] };
const proof: Evidence = { kind: 'criterion', name: 'x', passed: true, commit: 'c'.repeat(40), at: NOW };
const [A, B, C] = ['A', 'B', 'C'].map((title) => uuidFrom(title)) as [string, string, string];

function chain(): TaskList {
  const added = addTasks(
    EMPTY,
    [{ title: 'C', dependencies: ['B'] }, { title: 'A' }, { title: 'B', dependencies: ['A'] }],
    { now: NOW, ids: [C, A, B] },
  );
  if (!added.ok) throw new Error(added.problem);
  return added.value;
}
const statuses = (list: TaskList) =>
  Object.fromEntries(list.tasks.map(({ title, status }) => [title, status]));

describe('blocked and unblocked', () => {
  it('follow from the dependencies', () => {
    let list = chain();
    expect(statuses(list)).toEqual({ A: 'pending', B: 'blocked', C: 'blocked' });
    list = withTask(list, A, (task) => settleClaim(task, [proof], NOW, 'run'));
    expect(statuses(list)).toEqual({ A: 'completed', B: 'pending', C: 'blocked' });
    list = withTask(list, B, (task) => setStatus(task, 'skipped', undefined, NOW, 'owner'));
    expect(statuses(list)).toEqual({ A: 'completed', B: 'skipped', C: 'pending' });
  });

  it('leave alone what somebody blocked', () => {
    const list = withTask(chain(), A, (task) => setStatus(task, 'blocked', 'No key.', NOW));
    expect(statuses(list)).toEqual({ A: 'blocked', B: 'blocked', C: 'blocked' });
    expect(followDependencies(list)).toBe(list);
  });

  it('keep the identity of every task that does not change', () => {
    const before = chain();
    const after = withTask(before, A, (task) => setStatus(task, 'in_progress', undefined, NOW));
    expect(after.tasks.filter((task, index) => task === before.tasks[index])).toHaveLength(2);
  });
});

describe('inDependencyOrder', () => {
  it('puts every task after what it depends on', () => {
    expect(inDependencyOrder(chain().tasks).map(({ title }) => title)).toEqual(['A', 'B', 'C']);
  });

  it('follows a chain of five thousand', () => {
    const tasks = Array.from({ length: 5_000 }, (_, index) => ({
      title: `t${index}`,
      dependencies: index === 0 ? [] : [`t${index - 1}`],
    })).reverse();
    const ids = tasks.map(({ title }) => uuidFrom(title));
    const added = addTasks(EMPTY, tasks, { now: NOW, ids });
    expect(added.ok && inDependencyOrder(added.value.tasks)[0]?.title).toBe('t0');
  });
});

describe('changes of the owner', () => {
  const frame = { now: NOW, id: uuidFrom('change') };

  it('add a task and leave a note for the agent', () => {
    const outcome = addByOwner(chain(), { title: 'D', dependencies: ['A'] }, frame);
    expect(outcome.ok && outcome.value.task).toMatchObject({ title: 'D', status: 'blocked' });
    expect(outcome.ok && outcome.value.list.ownerNotes).toEqual([
      expect.objectContaining({ text: expect.stringContaining('added "D"') }),
    ]);
  });

  it('cannot make a cycle', () => {
    expect(updateByOwner(chain(), 'A', { dependencies: ['C'] }, frame)).toEqual({
      ok: false,
      problem: expect.stringContaining('cycle'),
    });
  });

  it('set a completed task back to work when they change what has to be true', () => {
    const done = withTask(chain(), A, (task) => settleClaim(task, [proof], NOW, 'run'));
    const outcome = updateByOwner(done, 'A', { description: 'Another thing.' }, frame);
    expect(outcome.ok && outcome.value.task).toMatchObject({
      status: 'in_progress',
      completionConfidence: 0,
    });
    const urgent = updateByOwner(done, 'A', { priority: 1 }, frame);
    expect(urgent.ok && urgent.value.task.status).toBe('completed');
  });

  it('that give a task other criteria leave what was seen of those that stay, and of no other', () => {
    const stays = { name: 'stays', command: 'npm test', expectedExitCode: 0 };
    const goes = { name: 'goes', command: 'npm run old', expectedExitCode: 0 };
    const [seen, overtaken] = [
      { ...proof, ...stays },
      { ...proof, ...goes },
    ];
    const old = withTask(chain(), A, (task) => ({
      ...task,
      criteria: [stays, goes],
      evidence: [seen, overtaken],
    }));
    const criteria = [stays, { ...goes, command: 'npm run new' }];
    const outcome = updateByOwner(old, 'A', { criteria }, frame);
    expect(outcome.ok && outcome.value.task.evidence).toEqual([seen]);
  });

  it('that skip a task let those that depend on it go on', () => {
    const outcome = updateByOwner(chain(), 'A', { status: 'skipped' }, frame);
    expect(outcome.ok && outcome.value.task).toMatchObject({ status: 'skipped', skippedBy: 'owner' });
    expect(outcome.ok && statuses(outcome.value.list)).toMatchObject({ B: 'pending' });
  });
});
