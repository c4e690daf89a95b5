import { atRest, saveStep } from '../../factory/agent/memory/agent-state.ts';
import { runTurn } from '../../factory/agent/turn/turn.ts';
import { activeWhile } from '../../factory/lifecycle/steps/active-while.ts';
import { waitForMoney } from '../../factory/lifecycle/steps/not-now.ts';
import { atStep, overtaken } from '../../factory/lifecycle/steps/step-lease.ts';
import { turnDeps } from '../../factory/lifecycle/steps/turn-deps.ts';
import type { Project } from '../../factory/model/project.ts';
import { SEALER } from '../../factory/model/sealer.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import { blockTasksOf } from '../../factory/tasks/list/under-way.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { whenDiskSpace } from '../maintenance/disk-space.ts';
import { agentDeps } from '../steps/deps.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { sealTurn } from '../steps/sealing.ts';

/** One turn of one agent: lease the step, take the turn, save where it left the agent, ask for what is next. */
export const processor: Processor<'agent-steps'> = whenDiskSpace(
  () => true,
  async (at, context) => {
    if (at.persona === SEALER) return sealTurn(at, context);
    const { services } = context;
    const project = await services.state.project(at.projectId).get();
    if (project.status !== 'active') return skipped(`the project is ${project.status}`);
    return atStep(context, at, (writer) => takeTurn(context, project, at.persona, writer), {
      taken: async () => {
        const detail = await overtaken(services, at);
        await blockTasksOf({ state: services.state, now: () => services.clock.now() }, at);
        return skipped(detail);
      },
    });
  },
);

async function takeTurn(
  context: JobContext,
  project: Project,
  persona: string,
  writer: JournalWriter,
): Promise<JobResult> {
  const { state, memories, projectService } = context.services;
  const at = { projectId: project.id, persona, step: writer.step };
  const memory = await memories.read(`${project.id}/${persona}`, state.journal(project.id, persona));
  const rest = (ms: number) => state.agent(project.id, persona).update((agent) => atRest(agent, ms));
  await projectService.goOn(project.id);
  const deps = await agentDeps(context, at);
  const turn = await activeWhile(
    context,
    project,
    async (signal) => runTurn(await turnDeps(deps, project, persona, memory), memory, writer, signal),
    async (ms) => {
      await state
        .agent(project.id, persona)
        .update((agent) => ({ ...agent, runtimeMs: agent.runtimeMs + ms }));
    },
  );
  if (turn.stopped) {
    await rest(0);
    return turn.result;
  }
  if (turn.value.kind !== 'done') {
    await rest(turn.ms);
    if (turn.value.kind === 'interrupted') return { outcome: 'interrupted', detail: 'the turn was cut' };
    return waitForMoney(projectService, project.id, turn.value);
  }
  await saveStep(deps, at, turn.ms);
  await projectService.wentWell(project.id);
  if (turn.value.outcome === 'blocked') await blockTasksOf(deps, at);
  await projectService.dispatch(project.id);
  return done(`step ${writer.step}: ${turn.value.outcome}`);
}
