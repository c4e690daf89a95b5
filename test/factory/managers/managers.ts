import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { config as configSchema } from '../../../src/factory/config/config.ts';
import { type AgentRuntime, createAgentRuntime } from '../../../src/factory/managers/agent-runtime.ts';
import { createProjectManager, type ProjectManager } from '../../../src/factory/managers/project-manager.ts';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { GitManager, StateStore } from '../../../src/factory/ports.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import type { JobResult } from '../../../src/queues/jobs/result.ts';
import { addProject, openStore } from '../../state/samples.ts';

export interface Managers {
  state: StateStore;
  projects: ProjectManager;
  agents: AgentRuntime;
  project: Project;
  /** Types of events, in order. */
  events: string[];
  /** The same, whole. */
  recorded: Omit<FactoryEvent, 'timestamp'>[];
  /** Jobs that were asked to be done here. */
  jobs: NextJob[];
  /** What the next job does and answers. */
  does(act: (job: NextJob) => Promise<JobResult>): void;
}

/** Both managers over real state files, with a project; whoever does jobs, and git, are fakes. */
export async function openManagers(more: Partial<Project> = {}): Promise<Managers> {
  const folder = await mkdtemp(join(tmpdir(), 'managers-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { store: state } = openStore(folder);
  const project = await addProject(state, more);
  const events: string[] = [];
  const recorded: Managers['recorded'] = [];
  const jobs: NextJob[] = [];
  let act: (job: NextJob) => Promise<JobResult> = async () => ({ outcome: 'done', detail: 'done' });
  const nobody = async (): Promise<never> => {
    throw new Error('not asked in these tests');
  };
  const deps = {
    state,
    git: { listFiles: nobody } as unknown as GitManager,
    config: configSchema.parse({}),
    now: () => new Date(),
    newId: () => randomUUID(),
    by: 'owner',
    record: async (event: Omit<FactoryEvent, 'timestamp'>) => {
      events.push(event.type);
      recorded.push(event);
    },
    checks: async () => [],
    answered: async () => false,
    queue: nobody,
    perform: async (job: NextJob) => {
      jobs.push(job);
      return act(job);
    },
    absences: async () => [],
    loadPersona: nobody,
    readPersona: nobody,
  };
  return {
    ...{ state, project, events, recorded, jobs },
    projects: createProjectManager(deps),
    agents: createAgentRuntime(deps),
    does(next) {
      act = next;
    },
  };
}
