/** What the use cases need of the world, out of the services. */
import type { StepId } from '../../factory/model/agent-id.ts';
import { turnLimits } from '../../factory/agent/turn/limits.ts';
import { watchTurn } from '../../factory/agent/turn/watch.ts';
import type { AuditDeps } from '../../factory/audits/deps.ts';
import type { AgentDeps } from '../../factory/lifecycle/turn-deps.ts';
import type { SealingDeps } from '../../factory/sealing/deps.ts';
import { factsOf } from '../../llm/facts/facts.ts';
import { hintFor } from '../../sandbox/run/hint.ts';
import type { Services } from '../../services.ts';
import { gateHands } from '../gates/hands.ts';
import type { JobContext } from './processor.ts';

export async function auditDeps(services: Services): Promise<AuditDeps> {
  const { desk, config, holder, record } = services;
  return {
    ...(await gateHands(services)),
    ...{ config, holder, record, checks: desk.checks },
    finance: await services.finance(),
    trees: services.workspace,
  };
}

export async function sealingDeps(context: JobContext, at: StepId): Promise<SealingDeps> {
  const { services } = context;
  return {
    ...(await gateHands(services)),
    ...(await turnServices(context, at)),
  };
}

export async function agentDeps(context: JobContext, at: StepId): Promise<AgentDeps> {
  const { services } = context;
  const { state, git, desk } = services;
  const proof = await gateHands(services);
  return {
    ...{ state, git, proof, hintFor, now: proof.now },
    ...(await turnServices(context, at)),
    ...{ checks: desk.checks, earlierSummaries: desk.earlierSummaries },
    sandboxOf: (project) => services.workspace.agentSandbox(project),
  };
}

async function turnServices({ services, log }: JobContext, at: StepId) {
  const { state, config, desk, record, recordAll, clock } = services;
  return {
    ...{ config, record, persona: desk.persona },
    finance: await services.finance(),
    limits: async () => turnLimits(await state.providers().get(), config.agent, factsOf),
    watch: watchTurn({ recordAll, now: () => clock.now(), log: services.log }, at, log),
  };
}
