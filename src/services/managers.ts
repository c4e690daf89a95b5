/** The managers that people and programs ask, each loaded when it is first asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineDeps, OrchestrationEngine } from '../factory/lifecycle/engine.ts';
import type { ProjectService } from '../factory/lifecycle/project-service.ts';
import type { AgentRuntime } from '../factory/managers/agent-runtime.ts';
import type { ProjectManager, ProjectManagerDeps } from '../factory/managers/project-manager.ts';
import type { Perform } from '../factory/ports.ts';
import { lazily } from '../lib/async/lazily.ts';
import type { Liveness } from '../lib/process/process.ts';
import type { PersonaLibrary } from '../state/personas.ts';

export type ManagerDeps = Omit<EngineDeps, 'loadPersona' | 'isAtWork' | 'sleep'> & {
  personas: PersonaLibrary;
  openLease(projectId: string, persona: string): Promise<{ holder: Liveness } | null>;
  projectService: ProjectService;
  perform: Perform | undefined;
  absences: ProjectManagerDeps['absences'];
};

export interface Managers {
  engine: OrchestrationEngine;
  projects: ProjectManager;
  agents: AgentRuntime;
}

export function openManagers(deps: ManagerDeps): Managers {
  const { personas, projectService } = deps;
  const loadPersona: EngineDeps['loadPersona'] = async (repository, name) => {
    const { path, config: acceptanceCriteria } = await personas.load(repository, name);
    return { templateName: name, templatePath: path, acceptanceCriteria };
  };
  const perform: Perform = (job, signal) => {
    if (deps.perform === undefined) throw new Error(`Nobody does jobs here: ${job.deduplicationId}`);
    return deps.perform(job, signal);
  };
  return {
    engine: lazily<OrchestrationEngine>(async () => {
      const { createEngine } = await import('../factory/lifecycle/engine.ts');
      return createEngine({
        ...{ ...deps, loadPersona, sleep },
        async isAtWork(projectId, persona) {
          const lease = await deps.openLease(projectId, persona);
          return lease !== null && lease.holder !== 'dead';
        },
      });
    }),
    projects: lazily<ProjectManager>(async () => {
      const { createProjectManager } = await import('../factory/managers/project-manager.ts');
      return createProjectManager({
        ...deps,
        perform,
        checks: (...whose) => projectService.checks(...whose),
        answered: (projectId) => projectService.answered(projectId),
      });
    }),
    agents: lazily<AgentRuntime>(async () => {
      const { createAgentRuntime } = await import('../factory/managers/agent-runtime.ts');
      return createAgentRuntime({
        ...{ ...deps, loadPersona, perform },
        readPersona: (templatePath) => personas.validate(templatePath),
      });
    }),
  };
}
