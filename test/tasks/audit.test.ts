import { describe, expect, it } from 'vitest';
import { applyVerdict, auditPrompt, readVerdict } from '../../src/factory/tasks/audit.ts';
import type { Evidence } from '../../src/factory/tasks/task.ts';
import { NOW, sampleTask } from '../support/samples.ts';

const VERDICT = { complete: true, evidence: 'The form is there.', confidence: 0.9 };
const commit = 'd'.repeat(40);
const proof = (passed: boolean): Evidence[] => [
  { kind: 'criterion', name: 'tests', passed, commit, at: NOW },
];
const judge = (
  task: Parameters<typeof applyVerdict>[0],
  answer: Parameters<typeof applyVerdict>[1],
  passed: boolean,
) => applyVerdict(task, answer, { judge: 'other', proof: proof(passed), commit, now: NOW });

describe('readVerdict', () => {
  it('reads plain and fenced JSON, with words around it', () => {
    const json = JSON.stringify(VERDICT);
    for (const text of [
      json,
      `\n${json}\n`,
      `\`\`\`json\n${json}\n\`\`\``,
      `My verdict:\n${json}\nThat is all.`,
    ]) {
      expect(readVerdict(text)).toEqual(VERDICT);
    }
  });

  it('takes anything else for no verdict', () => {
    for (const text of [
      '',
      'yes',
      '{"complete":"yes"}',
      '{"complete":true}',
      '[]',
      '{"complete":true,"evidence":"x","confidence":7}',
    ]) {
      expect(readVerdict(text)).toBeNull();
    }
  });
});

describe('applyVerdict', () => {
  it('completes an open task only when the commands passed too', () => {
    expect(judge(sampleTask(), VERDICT, true)).toMatchObject({
      task: { status: 'completed' },
      finding: null,
    });
    expect(judge(sampleTask(), VERDICT, false)).toMatchObject({ task: { status: 'in_progress' } });
  });

  it('sets a completed task back to work when the judge finds it incomplete, and says why', () => {
    const completed = sampleTask({ status: 'completed', completedAt: NOW });
    const { task, finding } = judge(completed, { ...VERDICT, complete: false, evidence: 'No test.' }, true);
    expect(task).toMatchObject({ status: 'in_progress', completionConfidence: 0 });
    expect(finding).toContain('No test.');
  });

  it('takes no readable verdict for incomplete', () => {
    expect(judge(sampleTask(), null, true).task.status).toBe('in_progress');
  });

  it('takes praise without a reason for incomplete', () => {
    expect(judge(sampleTask(), { ...VERDICT, evidence: ' ' }, true).task.status).toBe('in_progress');
  });
});

describe('auditPrompt', () => {
  it('holds the task, its evidence, the gate and the diff', () => {
    const prompt = auditPrompt(sampleTask({ evidence: proof(true) }), {
      worktreePath: '/w',
      diff: '+form',
      gate: '- Tests: passed',
    });
    expect(prompt).toMatch(/^You are auditing task completion status\./);
    for (const part of [
      'Task: Write the form',
      'tests: passed',
      '+form',
      '- Tests: passed',
      '"complete": boolean',
    ]) {
      expect(prompt).toContain(part);
    }
  });
});
