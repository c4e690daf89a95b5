import { judgeTie, saveTie } from '../../factory/decisions/choose/break-tie.ts';
import { activeWhile, countTime } from '../../factory/lifecycle/steps/active-while.ts';
import { comeBack } from '../../factory/lifecycle/steps/not-now.ts';
import { atRound } from '../../factory/lifecycle/steps/round-lease.ts';
import { AUDITOR } from '../../factory/model/agents.ts';
import { openFork } from '../../factory/model/fork.ts';
import { exploresDecision } from '../../factory/model/project.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import type { JobContext } from './processor.ts';

/** Has a judge choose between two branches that are equal by evidence and figures. */
export async function breakTie(projectId: string, round: number, context: JobContext): Promise<JobResult> {
  const { services } = context;
  const { state, git, clock, record, projectService, config } = services;
  const project = await state.project(projectId).get();
  const fork = openFork(project);
  if (!exploresDecision(project) || fork?.phase !== 'judging') return skipped('no tie is to be broken');
  return atRound(context, { projectId, persona: AUDITOR, step: round }, async (writer) => {
    const deps = { state, git, record, now: () => clock.now(), finance: await services.finance() };
    const judged = await activeWhile(context, project, (signal) =>
      judgeTie(deps, project, fork, writer, signal),
    );
    if (judged.stopped) return judged.result;
    await countTime(context, projectId, judged.ms);
    if (judged.value === 'interrupted')
      return { outcome: 'interrupted', detail: 'the judge of the tie was cut' };
    if ('notNow' in judged.value)
      return comeBack(
        projectService,
        judged.value.notNow,
        new Date(clock.now().getTime() + config.pollingInterval),
      );
    const { choice } = judged.value;
    await saveTie(deps, project, fork, writer, choice);
    await projectService.dispatch(projectId);
    return done(choice.why);
  });
}
