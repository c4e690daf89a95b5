import { type AgentState, agentState } from '../../../src/factory/model/agent.ts';
import { type Project, project } from '../../../src/factory/model/project.ts';

export const PROJECT_ID = '0b8f6a8e-6f0f-4a5c-9d0e-6d1a2b3c4d5e';

/** A valid project as it stands in state. */
export function makeProject(change: Partial<Project> = {}): Project {
  return {
    ...project.parse({
      id: PROJECT_ID,
      name: 'add-login',
      description: 'Add a login form',
      status: 'initializing',
      createdAt: '2026-11-22T10:00:00.000Z',
      updatedAt: '2026-11-22T10:00:00.000Z',
      maxRuntime: 43_200_000,
      baseBranch: 'main',
      workBranch: 'df/add-login/2026-11-22',
      worktreePath: '/home/u/.dark-factory/data/worktrees/x',
      personas: [
        {
          templateName: 'engineer',
          templatePath: '/p/engineer.md',
          acceptanceCriteria: { testsPass: true },
          priority: 1,
        },
      ],
      repository: '/home/u/shop',
      gitDir: '/home/u/shop/.git',
      baseCommit: 'a'.repeat(40),
      settings: {},
    }),
    ...change,
  };
}

export function makeAgent(change: Partial<AgentState> = {}): AgentState {
  return {
    ...agentState.parse({ projectId: PROJECT_ID, personaName: 'engineer', status: 'idle' }),
    ...change,
  };
}
