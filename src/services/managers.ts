/** The managers that people and programs ask, each loaded when it is first asked. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BacklogText } from '../factory/backlog/backlog-file.ts';
import type { CheckedBacklog, EnqueueDeps, Places, PlannedBacklog } from '../factory/backlog/enqueue.ts';
import type { FinanceApi } from '../factory/finance/api.ts';
import type { EngineDeps, OrchestrationEngine } from '../factory/lifecycle/engine.ts';
import type { ProjectService } from '../factory/lifecycle/project-service.ts';
import type { AgentRuntime } from '../factory/managers/agent-runtime.ts';
import type { ProjectManager, ProjectManagerDeps } from '../factory/managers/project-manager.ts';
import { wishesOf } from '../factory/model/personas/persona.ts';
import type { Project } from '../factory/model/project.ts';
import type { Perform } from '../factory/ports.ts';
import type { PublishAnswer, PublishDeps, PublishOrder } from '../factory/publishing/publish.ts';
import { lazily } from '../lib/async/lazily.ts';
import type { Liveness } from '../lib/process/process.ts';
import type { Bus } from '../queues/bus.ts';
import type { JobResult } from '../queues/jobs/result.ts';
import type { PersonaLibrary } from '../state/personas.ts';
import type { Schedules } from './schedules.ts';

export type ManagerDeps = Omit<EngineDeps, 'loadPersona' | 'isAtWork' | 'sleep' | 'by' | 'queue'> &
  Pick<PublishDeps, 'openForge' | 'vault'> & {
    queue(): Promise<Bus>;
    personas: PersonaLibrary;
    openLease(projectId: string, persona: string): Promise<{ holder: Liveness } | null>;
    projectService: ProjectService;
    perform: Perform | undefined;
    recordLater: EnqueueDeps['recordLater'];
    absences: ProjectManagerDeps['absences'];
    /** What the FinanceManager needs besides. */
    money: Omit<OpenFinanceApi, keyof EngineDeps | 'projectService'>;
  };
type OpenFinanceApi = Parameters<typeof import('./money.ts').openFinanceApi>[0];

/** Files of projects. */
export interface Backlog {
  /** See `checkBacklog`. */
  check(text: BacklogText, places: Places): Promise<CheckedBacklog>;
  /** See `planBacklog`. */
  plan(text: BacklogText, name: string, places: Places): Promise<PlannedBacklog>;
  /** See `enqueueBacklog`. */
  enqueue(planned: PlannedBacklog): Promise<Project[]>;
}

/** What leaves the machine. */
export interface Publishing {
  /** See `publishProject`. */
  publish(projectId: string, order: PublishOrder): Promise<PublishAnswer>;
  /** See `stopWatching`. */
  stopWatching(projectId: string): Promise<void>;
  /** See `publishJob`. */
  publishWished(projectId: string): Promise<JobResult>;
}

/** What people act through. */
export interface Managers {
  /** In whose name; it stands in the audit log. */
  by: string;
  backlog: Backlog;
  publishing: Publishing;
  schedules: Schedules;
  engine: OrchestrationEngine;
  projects: ProjectManager;
  agents: AgentRuntime;
  /** The specification's FinanceManager (§4.3), for people who manage providers. */
  financeApi: FinanceApi;
}

/** In whose name what config.yaml asks for is done. */
const SETTINGS = 'settings';

export function managersFor(given: ManagerDeps): (by: string) => Managers {
  const inNameOf = (by: string): Managers =>
    openManagers({ ...given, by }, (other) => inNameOf(other).backlog);
  return inNameOf;
}

function openManagers(
  deps: ManagerDeps & Pick<EngineDeps, 'by'>,
  makerFor: (by: string) => Backlog,
): Managers {
  const { personas, projectService, by } = deps;
  const loadPersona: EngineDeps['loadPersona'] = async (repository, name, given) => {
    const found =
      given === undefined ? await personas.load(repository, name) : await personas.validate(given, name);
    const { path, config: acceptanceCriteria } = found;
    const fromPath = given !== undefined && path !== (await personas.pathOf(repository, name));
    const persona = { templateName: name, templatePath: path, acceptanceCriteria, ...wishesOf(found) };
    return fromPath ? { ...persona, fromPath } : persona;
  };
  const perform: Perform = (job, signal) => {
    if (deps.perform === undefined) throw new Error(`Nobody does jobs here: ${job.deduplicationId}`);
    return deps.perform(job, signal);
  };
  const load = () => import('../factory/backlog/enqueue.ts');
  return {
    by,
    backlog: {
      check: async (...asked) => (await load()).checkBacklog({ ...deps, loadPersona }, ...asked),
      plan: async (...asked) => (await load()).planBacklog({ ...deps, loadPersona }, ...asked),
      enqueue: async (planned) => (await load()).enqueueBacklog({ ...deps, loadPersona }, planned, by),
    },
    publishing: {
      publish: async (...asked) =>
        (await import('../factory/publishing/publish.ts')).publishProject(deps, ...asked),
      stopWatching: async (projectId) =>
        (await import('../factory/publishing/stop-watching.ts')).stopWatching(deps, projectId),
      publishWished: async (projectId) =>
        (await import('../factory/publishing/publish-job.ts')).publishJob(
          { ...deps, by: SETTINGS },
          projectId,
        ),
    },
    schedules: lazily<Schedules>(async () =>
      (await import('./schedules.ts')).openSchedules({ ...deps, makerFor }),
    ),
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
    financeApi: lazily<FinanceApi>(async () => {
      const { openFinanceApi } = await import('./money.ts');
      return openFinanceApi({ ...deps, ...deps.money });
    }),
  };
}
