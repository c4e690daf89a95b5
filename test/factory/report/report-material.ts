import { type QualityReport, qualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import type { CostEntry } from '../../../src/factory/model/money/finance.ts';
import { type Task, task } from '../../../src/factory/model/task.ts';
import type { ReportMaterial } from '../../../src/factory/report/report-types.ts';
import { makeAgent, makeProject, PROJECT_ID } from '../../producers/cli/fixtures.ts';

export const NOW = new Date('2026-11-23T06:00:00.000Z');
export const COMMIT = 'c'.repeat(40);

export function makeTask(change: Partial<Task>): Task {
  const base = {
    id: '7b0d0c3a-1b1f-4d53-8f53-6a7b8c9d0e1f',
    title: 'Count pieces',
    status: 'completed',
    priority: 1,
    createdAt: NOW,
  };
  return { ...task.parse(base), ...change };
}

export const ran = (passed: boolean, kind: 'criterion' | 'gate' | 'audit' = 'criterion', name = 'tests') => ({
  kind,
  name,
  passed,
  command: 'npm test',
  exitCode: passed ? 0 : 1,
  commit: COMMIT,
  at: NOW,
});

export function gate(change: Record<string, unknown> = {}): QualityReport {
  return qualityReport.parse({
    id: 'g1',
    projectId: PROJECT_ID,
    persona: 'engineer',
    kind: 'finish',
    round: 1,
    passed: true,
    commit: COMMIT,
    sandbox: 'bubblewrap',
    timestamp: NOW,
    checks: [
      { name: 'Tests', passed: true, output: 'long', required: true, command: 'npm test', exitCode: 0 },
    ],
    ...change,
  });
}

export const cost = (change: Partial<CostEntry>): CostEntry => ({
  timestamp: NOW,
  provider: 'a',
  model: 'm',
  tokensUsed: 100,
  cost: 0.25,
  operation: 'chat',
  requestId: 'r1',
  persona: 'engineer',
  possible: false,
  ...change,
});

export function material(change: Partial<ReportMaterial> = {}): ReportMaterial {
  return {
    project: makeProject({ status: 'completed', statusReason: 'Every task is done and proved.' }),
    tasks: { schemaVersion: 1, version: 1, projectId: PROJECT_ID, tasks: [] },
    agents: [makeAgent()],
    gates: [gate()],
    costs: [],
    events: [],
    git: {
      figures: { commits: 2, files: 3, insertions: 4, deletions: 5 },
      log: [{ hash: COMMIT, subject: 'Count' }],
    },
    ...change,
  };
}

export const withTasks = (...tasks: Task[]) =>
  material({ tasks: { schemaVersion: 1, version: 1, projectId: PROJECT_ID, tasks } });
