import { saveStep } from '../../factory/agent/memory/agent-state.ts';
import { heldStep } from '../../factory/decisions/fork/hold-steps.ts';
import { waitForMoney } from '../../factory/lifecycle/steps/not-now.ts';
import { atStep, overtaken } from '../../factory/lifecycle/steps/step-lease.ts';
import type { StepId } from '../../factory/model/agent-id.ts';
import type { Project } from '../../factory/model/project.ts';
import { SEALER } from '../../factory/model/sealing/sealer.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import { blockTasksOf } from '../../factory/tasks/list/under-way.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { whenDiskSpace } from '../maintenance/disk-space.ts';
import { takeTurn } from '../steps/agent-turn.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { sealTurn } from '../steps/sealing.ts';

/** One turn of one agent: lease the step, take the turn, save where it left the agent, ask for what is next. */
export const processor: Processor<'agent-steps'> = whenDiskSpace(
  () => true,
  async (at, context) => {
    if (at.persona === SEALER) return sealTurn(at, context);
    const project = await context.services.state.project(at.projectId).get();
    if (project.status !== 'active') return skipped(`the project is ${project.status}`);
    const held = await context.services.projectService.holdForAnswer(project, at.persona, false);
    if (held !== null) return done(held);
    const until = heldStep(project, context.services.clock.now());
    if (until !== null) return { outcome: 'parked', until, detail: 'an act of its owner comes first' };
    return atStep(context, at, (writer) => step(context, project, at, writer), {
      taken: async () => followTaken(context, at),
    });
  },
);

async function step(
  context: JobContext,
  project: Project,
  at: StepId,
  writer: JournalWriter,
): Promise<JobResult> {
  const { state, clock, projectService, log } = context.services;
  const deps = { state, now: () => clock.now() };
  const turn = await takeTurn(context, project, at, writer);
  if (turn.stopped) return turn.result;
  if (turn.value.kind === 'interrupted') return { outcome: 'interrupted', detail: 'the turn was cut' };
  if (turn.value.kind !== 'done') return waitForMoney(projectService, project.id, turn.value);
  await saveStep(deps, at, turn.ms);
  await projectService.wentWell(project.id);
  if (turn.value.outcome === 'blocked') await blockTasksOf(deps, at);
  const { added } = await projectService.handOn(project.id);
  added.catch((err: unknown) =>
    log.warn({ projectId: project.id, err }, 'the next step could not be asked for; it is looked for again'),
  );
  return done(`step ${writer.step}: ${turn.value.outcome}`);
}

/** Whoever took the step may have died before it blocked the tasks of an agent that is blocked. */
async function followTaken({ services }: JobContext, at: StepId): Promise<JobResult> {
  const { state, clock } = services;
  const detail = await overtaken(services, at);
  await blockTasksOf({ state, now: () => clock.now() }, at);
  return skipped(detail);
}
