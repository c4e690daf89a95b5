import { askForGates } from '../../factory/audits/last-gates.ts';
import { closeAudit } from '../../factory/audits/outcome.ts';
import type { AuditOrder } from '../../factory/audits/round.ts';
import { judgeRound } from '../../factory/audits/rounds.ts';
import { loadSnapshot } from '../../factory/lifecycle/snapshot.ts';
import { activeAudit, countTime } from '../../factory/lifecycle/steps/active-while.ts';
import { waitForMoney } from '../../factory/lifecycle/steps/not-now.ts';
import { atRound } from '../../factory/lifecycle/steps/round-lease.ts';
import { AUDITOR } from '../../factory/model/agents.ts';
import { ENDED, type Project } from '../../factory/model/project.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import { done, doneWith, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { whenDiskSpace } from '../maintenance/disk-space.ts';
import { auditDeps } from '../steps/deps.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { review } from '../steps/review.ts';
import { breakTie } from '../steps/tie.ts';

/** Asks a judge, task by task, whether the work is done; its word counts only with evidence. */
export const processor: Processor<'audits'> = whenDiskSpace(
  () => true,
  async ({ projectId, kind, round }, context) => {
    if (kind === 'tie') return breakTie(projectId, round, context);
    if (kind === 'review') return review(projectId, round, context);
    const { services, log } = context;
    const { project, agents } = await loadSnapshot(services.state, projectId, services.config);
    const working = agents.some((agent) => agent.status !== 'completed');
    if (kind !== 'manual' && project.status !== 'active') return skipped(`the project is ${project.status}`);
    if (kind === 'closing' && working) return skipped('an agent is still at work');
    const busy = working && !ENDED.has(project.status);
    const at = { projectId, persona: AUDITOR, step: round };
    return atRound(context, at, (writer) => audit(context, project, writer, { kind, busy, log }));
  },
);

async function audit(
  context: JobContext,
  project: Project,
  writer: JournalWriter,
  order: Omit<AuditOrder, 'signal'>,
): Promise<JobResult> {
  const { projectService } = context.services;
  const deps = await auditDeps(context.services);
  const gates = order.kind === 'closing' ? await askForGates(deps, project, writer) : [];
  if (gates.length > 0) {
    await projectService.dispatch(project.id);
    return done(`gates at the last commit come first: ${gates.join(', ')}`);
  }
  const judged = await activeAudit(context, project, order.busy, (signal) =>
    judgeRound(deps, project, writer, { ...order, signal }),
  );
  if (judged.stopped) return judged.result;
  const { value, ms } = judged;
  if (value === 'interrupted' || 'notNow' in value) {
    if (ms > 0 && !ENDED.has(project.status)) await countTime(context, project.id, ms);
    if (value === 'interrupted') return { outcome: 'interrupted', detail: 'the audit was cut' };
    return waitForMoney(projectService, project.id, value.notNow);
  }
  const { kind } = order;
  const { passed, findings } = await closeAudit(deps, project, writer, { kind, ms, ...value });
  await projectService.dispatch(project.id);
  return doneWith(passed, `${kind} audit ${passed ? 'passed' : `found ${findings.length} open`}`);
}
