/** What the use cases need of the world, out of the services. */

import { turnLimits } from '../../factory/agent/turn/limits.ts';
import { watchTurn } from '../../factory/agent/turn/watch.ts';
import type { AuditDeps } from '../../factory/audits/deps.ts';
import { isOnRoute, type Route } from '../../factory/finance/routing/routes.ts';
import { activeWhile } from '../../factory/lifecycle/steps/active-while.ts';
import { heldUntil } from '../../factory/lifecycle/steps/step-lease.ts';
import type { AgentDeps } from '../../factory/lifecycle/steps/turn-deps.ts';
import type { StepId } from '../../factory/model/agent-id.ts';
import type { WorkDeps } from '../../factory/ports.ts';
import type { SealingDeps } from '../../factory/sealing/deps.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { newUuid } from '../../lib/ids.ts';
import { factsOf } from '../../llm/facts/facts.ts';
import { hintFor } from '../../sandbox/run/hint.ts';
import type { Services } from '../../services.ts';
import { isTried } from '../maintenance/tries.ts';
import type { JobContext } from './processor.ts';

type Proving = Pick<Services, 'state' | 'git' | 'sandbox' | 'workspace' | 'clock'>;
type Auditing = Proving & Pick<Services, 'projectService' | 'config' | 'holder' | 'record' | 'finance'>;

/** What proving a task needs. Throws where there is no sandbox. */
export async function proofDeps(services: Proving) {
  const { state, git, sandbox, workspace, clock } = services;
  return { ...{ state, git }, sandbox: await sandbox(), trees: workspace, now: () => clock.now() };
}

/** What the jobs of a project's life need: its start, its forks and its end. */
export function projectDeps(context: JobContext) {
  const { services, log } = context;
  const {
    state,
    git,
    config,
    clock,
    record,
    workspace,
    finance,
    holder,
    liveness,
    openLease,
    projectService,
  } = services;
  const whileActive: WorkDeps['whileActive'] = (...args) => activeWhile(context, ...args);
  return {
    ...{ state, git, config, clock, record, workspace, finance, holder, liveness, whileActive },
    projects: projectService,
    progress: log,
    now: () => clock.now(),
    newId: newUuid,
    heldUntil: (projectId: string, persona: string) => heldUntil(context, { projectId, persona }),
    isBeingPrepared: (projectId: string) => isTried(services, 'projects', { action: 'start', projectId }),
    leaseHolder: async (projectId: string, persona: string) =>
      (await openLease(projectId, persona))?.holder ?? null,
  };
}

/** What gates need. */
export async function gateDeps(context: JobContext) {
  return { ...projectDeps(context), ...(await proofDeps(context.services)), signal: context.signal };
}

export async function auditDeps(services: Auditing): Promise<AuditDeps> {
  const { projectService, config, holder, record } = services;
  return {
    ...(await proofDeps(services)),
    ...{ config, holder, record, checks: projectService.checks },
    finance: await services.finance(),
    trees: services.workspace,
  };
}

export async function sealingDeps(context: JobContext, at: StepId): Promise<SealingDeps> {
  const { services } = context;
  return {
    ...(await proofDeps(services)),
    ...(await turnServices(context, at)),
  };
}

export async function agentDeps(context: JobContext, at: StepId): Promise<AgentDeps> {
  const { services } = context;
  const { state, git, projectService } = services;
  const proof = await proofDeps(services);
  return {
    ...{ state, git, proof, hintFor, now: proof.now },
    ...(await turnServices(context, at)),
    ...{ checks: projectService.checks, earlierSummaries: projectService.earlierSummaries },
    figuresMoved: projectService.figuresMoved,
    sandboxOf: (project) => services.workspace.agentSandbox(project),
  };
}

const isUnreadable = (error: unknown) => isFailure(error, 'state_unreadable');

async function turnServices({ services, log }: JobContext, at: StepId) {
  const { state, config, projectService, record, recordLater, clock } = services;
  return {
    ...{ config, record, persona: projectService.persona },
    finance: await services.finance(),
    async limits(route: Route) {
      // Where the file cannot be read nobody is called: whoever is about to call finds that out, and waits.
      const { providers } = await state
        .providers()
        .get()
        .catch(expecting(isUnreadable, { providers: [] }));
      return turnLimits(
        { providers: providers.filter(isOnRoute(config.tiers, route)) },
        config.agent,
        factsOf,
      );
    },
    watch: watchTurn({ recordLater, now: () => clock.now() }, at, log),
  };
}
