import { describe, expect, it } from 'vitest';
import type { Task, TaskList } from '../../../src/factory/model/task.ts';
import { blockUnderWay } from '../../../src/factory/tasks/list/under-way.ts';
import { uuidFrom } from '../../../src/lib/ids.ts';
import { NOW, PROJECT_ID, sampleTask } from '../../support/samples.ts';

const task = (name: string, change: Partial<Task> = {}): Task =>
  sampleTask({
    id: uuidFrom(name),
    title: name,
    status: 'in_progress',
    assignedPersona: 'engineer',
    ...change,
  });
const list = (...tasks: Task[]): TaskList => ({ schemaVersion: 1, version: 1, projectId: PROJECT_ID, tasks });
const WHY = 'No progress: the same call 12 times.';
const frame = { persona: 'engineer', currentTask: undefined, why: WHY, now: NOW };

describe('an agent that is stopped', () => {
  it('leaves its current task blocked, with why and what was tried', () => {
    const failed = {
      kind: 'criterion' as const,
      name: 'tests pass',
      command: 'npm test',
      exitCode: 1,
      passed: false,
      commit: 'b'.repeat(40),
      at: NOW,
    };
    const before = list(
      task('one', { evidence: [failed] }),
      task('two'),
      task('three', { status: 'pending' }),
    );
    const { tasks } = blockUnderWay(before, { ...frame, currentTask: uuidFrom('one') });
    expect(tasks.map(({ status }) => status)).toEqual(['blocked', 'in_progress', 'pending']);
    expect(tasks[0]?.blockedBy).toBe('factory');
    expect(tasks[0]?.verificationNotes.at(-1)).toBe(
      `Blocked by the factory: ${WHY} Tried: "tests pass" failed (\`npm test\`, exit code 1) at commit bbbbbbbbbbbb.`,
    );
  });

  it('leaves what it has in progress blocked where its current task is not known, and nobody else’s', () => {
    const before = list(task('one'), task('two', { assignedPersona: 'reviewer' }));
    const after = blockUnderWay(before, frame);
    expect(after.tasks.map(({ status }) => status)).toEqual(['blocked', 'in_progress']);
    expect(blockUnderWay(after, frame)).toBe(after);
  });
});
