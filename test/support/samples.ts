import type { AgentState } from '../../src/factory/model/agent.ts';
import type { Project } from '../../src/factory/model/project.ts';
import type { Task } from '../../src/factory/model/task.ts';

/** Valid documents for tests of pure rules; what a test is about is given, the rest does not matter to it. */
export const PROJECT_ID = '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c0001';
export const NOW = new Date('2026-03-01T20:00:00.000Z');

export function sampleProject(change: Partial<Project> = {}): Project {
  return {
    schemaVersion: 1,
    version: 1,
    id: PROJECT_ID,
    name: 'add-login',
    description: 'Add a login.',
    status: 'active',
    createdAt: NOW,
    updatedAt: NOW,
    maxRuntime: 43_200_000,
    baseBranch: 'main',
    workBranch: 'df/add-login/2026-03-01',
    worktreePath: '/home/x/.dark-factory/data/worktrees/1',
    personas: [samplePersona('engineer', 1)],
    childProjectIds: [],
    totalCost: 0,
    tokensUsed: 0,
    startTime: NOW,
    repository: '/home/x/repo',
    gitDir: '/home/x/repo/.git',
    baseCommit: 'a'.repeat(40),
    settings: { commands: {}, allowGateChanges: false },
    started: true,
    prepared: true,
    activeMs: 0,
    agentsMs: 0,
    settled: false,
    baselineGate: 'baseline-1',
    auditRounds: 0,
    failedAudits: 0,
    forks: [],
    treeForks: {},
    attempts: [],
    ...change,
  };
}

export function samplePersona(name: string, priority: number) {
  return {
    templateName: name,
    templatePath: `/personas/${name}.md`,
    acceptanceCriteria: { testsPass: true, lintPass: false, formatPass: false, customChecks: [] },
    priority,
  };
}

export function sampleAgent(change: Partial<AgentState> = {}): AgentState {
  return {
    schemaVersion: 1,
    version: 1,
    projectId: PROJECT_ID,
    personaName: 'engineer',
    status: 'thinking',
    runtimeMs: 0,
    pendingDecisions: [],
    madeDecisions: [],
    nextStep: 4,
    epoch: 3,
    gateRound: 0,
    ...change,
  };
}

export function sampleTask(change: Partial<Task> = {}): Task {
  return {
    id: '5a1e7c2a-0d3b-4b59-8f6e-000000000001',
    title: 'Write the form',
    description: '',
    status: 'in_progress',
    priority: 3,
    dependencies: [],
    createdAt: NOW,
    completionConfidence: 0,
    verificationNotes: [],
    criteria: [],
    evidence: [],
    ...change,
  };
}
