import { describe, expect, it } from 'vitest';
import { type Evidence, type TaskList, taskList } from '../../../src/factory/model/task.ts';
import { addTasks, findTask } from '../../../src/factory/tasks/list/add.ts';
import { waitingTasks } from '../../../src/factory/tasks/list/dependencies.ts';
import { setStatus, settleClaim } from '../../../src/factory/tasks/list/rules.ts';
import { completionConfidence } from '../../../src/factory/tasks/proof/evidence.ts';
import { uuidFrom } from '../../../src/lib/ids.ts';
import { NOW, PROJECT_ID, sampleTask } from '../../support/samples.ts';

const EMPTY: TaskList = { schemaVersion: 1, version: 0, projectId: PROJECT_ID, tasks: [] };
const ids = (count: number) => Array.from({ length: count }, (_, index) => uuidFrom(`task ${index}`));
const add = (list: TaskList, wanted: Parameters<typeof addTasks>[1]) =>
  addTasks(list, wanted, { now: NOW, ids: ids(wanted.length), persona: 'engineer' });
const run = (passed: boolean, kind: Evidence['kind'] = 'criterion', name = 'tests'): Evidence => ({
  kind,
  name,
  passed,
  commit: 'c'.repeat(40),
  at: NOW,
});

describe('addTasks', () => {
  it('resolves dependencies by title within one call', () => {
    const outcome = add(EMPTY, [{ title: 'A', dependencies: ['B'] }, { title: 'B' }]);
    expect(outcome.ok && outcome.value.tasks[0]?.dependencies).toEqual([ids(2)[1]]);
  });

  it('makes documents that the schema accepts', () => {
    const outcome = add(EMPTY, [{ title: 'A', criteria: [{ name: 'runs', command: 'npm test' }] }]);
    if (!outcome.ok) throw new Error(outcome.problem);
    expect(taskList.parse(outcome.value)).toEqual(outcome.value);
  });

  it('refuses a cycle, names it, and adds nothing', () => {
    const outcome = add(EMPTY, [
      { title: 'A', dependencies: ['B'] },
      { title: 'B', dependencies: ['C'] },
      { title: 'C', dependencies: ['A'] },
    ]);
    expect(outcome).toEqual({ ok: false, problem: 'The dependencies form a cycle: A → B → C → A.' });
  });

  it('takes a diamond for no cycle', () => {
    const outcome = add(EMPTY, [
      { title: 'top', dependencies: ['left', 'right'] },
      { title: 'left', dependencies: ['bottom'] },
      { title: 'right', dependencies: ['bottom'] },
      { title: 'bottom' },
    ]);
    expect(outcome.ok).toBe(true);
  });

  it('follows a chain of thousands without running out of stack', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) => ({
      title: `t${index}`,
      dependencies: index === 0 ? [] : [`t${index - 1}`],
    }));
    const outcome = addTasks(EMPTY, chain, { now: NOW, ids: ids(chain.length) });
    expect(outcome.ok).toBe(true);
  });

  it('names an unknown dependency', () => {
    expect(add(EMPTY, [{ title: 'A', dependencies: ['nothing'] }])).toMatchObject({
      ok: false,
      problem: expect.stringContaining('dependency "nothing"'),
    });
  });
});

describe('findTask', () => {
  it('finds by id, by a unique beginning of it, and by title', () => {
    const task = sampleTask();
    for (const reference of [task.id, task.id.slice(0, 8), task.title]) {
      expect(findTask([task], reference)).toEqual({ ok: true, value: task });
    }
  });

  it('says when a reference is ambiguous', () => {
    const twins = [sampleTask(), sampleTask({ id: uuidFrom('other') })];
    expect(findTask(twins, 'Write the form')).toMatchObject({ ok: false });
  });
});

describe('settling a claim', () => {
  it('completes a task when every command passed', () => {
    expect(settleClaim(sampleTask(), [run(true), run(true, 'criterion', 'build')], NOW, 'run')).toMatchObject(
      {
        status: 'completed',
        completedAt: NOW,
        completionConfidence: 0.8,
      },
    );
  });

  it('puts it back to work when one command failed', () => {
    const settled = settleClaim(sampleTask(), [run(true), run(false, 'criterion', 'build')], NOW, 'run');
    expect(settled).toMatchObject({ status: 'in_progress', completionConfidence: 0 });
    expect(settled.evidence).toHaveLength(2);
  });

  it('remembers each red run once, also one that is taken up after a crash, until it is green', () => {
    let task = sampleTask();
    for (const id of ['a', 'b', 'b']) task = settleClaim(task, [run(false)], NOW, id);
    expect(task.redRuns).toEqual(['a', 'b']);
    expect(settleClaim(task, [run(true)], NOW, 'c')).not.toHaveProperty('redRuns');
  });

  it('takes no run of a criterion that its owner has replaced meanwhile', () => {
    const criteria = [{ name: 'tests', command: 'new', expectedExitCode: 0, fromPersona: false }];
    const task = sampleTask({ criteria });
    expect(settleClaim(task, [{ ...run(false), command: 'old' }], NOW, 'run')).toBe(task);
    const settled = settleClaim(task, [{ ...run(true), command: 'new' }], NOW, 'run');
    expect(settled.status).toBe('completed');
  });

  it('never completes a task without evidence', () => {
    expect(settleClaim(sampleTask(), [], NOW, 'run').status).toBe('in_progress');
  });

  it('a task that goes back to work is completed no longer', () => {
    const done = settleClaim(sampleTask(), [run(true)], NOW, 'run');
    expect(setStatus(done, 'in_progress', 'broken', NOW)).not.toHaveProperty('completedAt');
  });
});

describe('completionConfidence', () => {
  const of = (...evidence: Evidence[]) => completionConfidence({ criteria: [], evidence });

  it('is nothing without a command, whatever an audit says', () => {
    expect(of(run(true, 'audit'))).toBe(0);
  });

  it('is lower for the gate alone than for criteria, and higher after an audit', () => {
    expect(of(run(true, 'gate'))).toBe(0.5);
    expect(of(run(true))).toBe(0.8);
    expect(of(run(true), run(true, 'audit', 'audit'))).toBe(0.95);
  });

  it('counts the newest run of each command', () => {
    expect(of(run(false), run(true))).toBe(0.8);
    expect(of(run(true), run(false))).toBe(0);
  });
});

describe('waitingTasks', () => {
  it('names open tasks whose dependencies are open', () => {
    const first = sampleTask();
    const second = sampleTask({ id: uuidFrom('second'), dependencies: [first.id] });
    expect([...waitingTasks({ ...EMPTY, tasks: [first, second] })]).toEqual([second.id]);
    const done = { ...first, status: 'completed' as const };
    expect([...waitingTasks({ ...EMPTY, tasks: [done, second] })]).toEqual([]);
  });
});
