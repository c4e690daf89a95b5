import { randomUUID } from 'node:crypto';
import { type AgentState, agentState } from '../../src/factory/model/agent.ts';
import { type QualityReport, qualityReport } from '../../src/factory/model/gates/gate-report.ts';
import { type FinanceState, financeState } from '../../src/factory/model/money/finance.ts';
import { type Project, project as projectSchema } from '../../src/factory/model/project.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { createHome, type Home } from '../../src/state/home/home.ts';
import { createPrivacy } from '../../src/state/secrets/privacy.ts';
import { createMasterKey } from '../../src/state/secrets/vault.ts';
import { createStateStore } from '../../src/state/store.ts';

export function openStore(
  folder: string,
  encrypt = false,
): { home: Home; store: ReturnType<typeof createStateStore> } {
  const home = createHome(folder, {}, '/nowhere');
  const masterKey = createMasterKey({ home: home.root, env: {} });
  const privacy = createPrivacy({ encrypt, masterKey, longestCommand: 0 });
  return { home, store: createStateStore({ home, clock: systemClock, privacy }) };
}

export function sampleProject(more: Partial<Project> = {}): Project {
  const id = more.id ?? randomUUID();
  return projectSchema.parse({
    id,
    name: 'sample',
    description: 'Do it.\nThen say so.',
    status: 'initializing',
    createdAt: new Date('2025-12-26T20:00:00Z'),
    updatedAt: new Date('2025-12-26T20:00:00Z'),
    maxRuntime: 43_200_000,
    baseBranch: 'main',
    workBranch: `df/sample/${id.slice(0, 8)}`,
    worktreePath: `/tmp/worktrees/${id}`,
    personas: [
      {
        templateName: 'engineer',
        templatePath: '/personas/engineer.md',
        acceptanceCriteria: { testsPass: true },
        priority: 1,
      },
    ],
    repository: '/tmp/repository',
    gitDir: '/tmp/repository/.git',
    baseCommit: 'a'.repeat(40),
    settings: {},
    ...more,
  });
}

export function sampleAgent(projectId: string, personaName = 'engineer'): AgentState {
  return agentState.parse({ projectId, personaName, status: 'idle' });
}

export function sampleFinance(projectId: string): FinanceState {
  return financeState.parse({ projectId, pollingInterval: 300_000 });
}

export function sampleReport(projectId: string, id: string, timestamp: Date): QualityReport {
  return qualityReport.parse({
    passed: true,
    checks: [{ name: 'Tests', passed: true, output: 'ok\n', required: true }],
    timestamp,
    id,
    projectId,
    persona: 'engineer',
    kind: 'finish',
    round: 1,
    commit: 'b'.repeat(40),
    sandbox: 'bubblewrap',
  });
}

/** Makes a project with all its first documents. */
export async function addProject(
  store: ReturnType<typeof createStateStore>,
  more: Partial<Project> = {},
): Promise<Project> {
  const project = sampleProject(more);
  await store.createProject(project, [sampleAgent(project.id)], sampleFinance(project.id));
  return project;
}
