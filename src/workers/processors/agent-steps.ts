import type { AgentStatus } from '../../factory/model/agent.ts';
import { runTurn } from '../../factory/agent/turn/turn.ts';
import type { TurnOutcome } from '../../factory/agent/turn/turn-types.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import type { Project } from '../../factory/model/project.ts';
import { blockUnderWay } from '../../factory/tasks/list/under-way.ts';
import { activeWhile } from '../../factory/lifecycle/active-while.ts';
import { SEALER } from '../../factory/model/sealer.ts';
import { waitForMoney } from '../../factory/lifecycle/not-now.ts';
import { whenRoom } from '../maintenance/disk-space.ts';
import { atStep } from '../steps/lease.ts';
import { type JobContext, type Processor, overtaken } from '../steps/processor.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { sealTurn } from '../../factory/sealing/turn.ts';
import { turnDeps } from '../../factory/lifecycle/turn-deps.ts';

/** One turn of one agent: lease the step, take the turn, save where it left the agent, ask for what is next. */
export const processor: Processor<'agent-steps'> = whenRoom(
  () => true,
  async ({ projectId, persona, step }, context) => {
    if (persona === SEALER) return sealTurn({ projectId, step }, context);
    const { services } = context;
    const project = await services.state.project(projectId).get();
    if (project.status !== 'active') return skipped(`the project is ${project.status}`);
    return atStep(
      context,
      { projectId, persona, step },
      (writer) => takeTurn(context, project, persona, writer),
      {
        taken: async () => {
          const detail = await overtaken(services, projectId, persona);
          await blockTasks(context, { projectId, persona });
          return skipped(detail);
        },
      },
    );
  },
);

async function takeTurn(
  context: JobContext,
  project: Project,
  persona: string,
  writer: JournalWriter,
): Promise<JobResult> {
  const { services } = context;
  const { id: projectId } = project;
  const journal = services.state.journal(projectId, persona);
  const memory = await services.memories.read(`${projectId}/${persona}`, journal);
  const agent = { projectId, persona };
  await services.desk.goOn(projectId);
  const turn = await activeWhile(
    context,
    project,
    async (signal) => runTurn(await turnDeps(context, project, persona, memory), memory, writer, signal),
    (ms) => saveTime(context, agent, ms),
  );
  if (turn.stopped) {
    await rest(context, agent, 0);
    return turn.result;
  }
  if (turn.value.kind !== 'done') {
    await rest(context, agent, turn.ms);
    if (turn.value.kind === 'interrupted') return { outcome: 'interrupted', detail: 'the turn was cut' };
    return waitForMoney(context, projectId, turn.value);
  }
  await save(context, agent, writer, turn.value, turn.ms);
  await services.desk.wentWell(projectId);
  if (turn.value.outcome === 'blocked') await blockTasks(context, agent);
  await services.desk.dispatch(projectId);
  return done(`step ${writer.step}: ${turn.value.outcome}`);
}

interface AgentName {
  projectId: string;
  persona: string;
}

const STATUS_AFTER: Record<Extract<TurnOutcome, { kind: 'done' }>['outcome'], AgentStatus> = {
  continue: 'thinking',
  finish: 'waiting_for_quality',
  blocked: 'blocked',
  fork: 'blocked',
};

async function save(
  { services }: JobContext,
  { projectId, persona }: AgentName,
  writer: JournalWriter,
  { outcome, reason }: Extract<TurnOutcome, { kind: 'done' }>,
  ms: number,
): Promise<void> {
  const now = services.clock.now();
  await services.state.agent(projectId, persona).update((agent) => ({
    ...agent,
    status: STATUS_AFTER[outcome],
    startedAt: agent.startedAt ?? now,
    lastActivityAt: now,
    runtimeMs: agent.runtimeMs + ms,
    nextStep: Math.max(agent.nextStep, writer.step + 1),
    epoch: writer.epoch,
    ...(outcome === 'blocked' ? { blockedReason: reason ?? 'It could make no progress.' } : {}),
  }));
}

/** What a blocked agent was at is blocked with it. Done after its state was saved or mended, so that a crash skips neither. */
async function blockTasks({ services }: JobContext, { projectId, persona }: AgentName): Promise<void> {
  const { state, clock } = services;
  const { status, blockedReason: why, currentTask } = await state.agent(projectId, persona).get();
  if (status !== 'blocked' || why === undefined) return;
  await state
    .tasks(projectId)
    .update((list) => blockUnderWay(list, { persona, currentTask, why, now: clock.now() }));
}

async function saveTime(
  { services }: JobContext,
  { projectId, persona }: AgentName,
  ms: number,
): Promise<void> {
  if (ms <= 0) return;
  await services.state
    .agent(projectId, persona)
    .update((agent) => ({ ...agent, runtimeMs: agent.runtimeMs + ms }));
}

/** A turn that was cut short: whatever was being executed is not any more. */
async function rest({ services }: JobContext, { projectId, persona }: AgentName, ms: number): Promise<void> {
  await services.state.agent(projectId, persona).update((agent) => {
    if (ms <= 0 && agent.status !== 'executing') return agent;
    const status = agent.status === 'executing' ? 'thinking' : agent.status;
    return { ...agent, status, runtimeMs: agent.runtimeMs + ms };
  });
}
