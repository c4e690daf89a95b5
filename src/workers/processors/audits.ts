import { remember } from '../../factory/agent/memory/memory.ts';
import { openSession } from '../../factory/agent/memory/journal-session.ts';
import { settle } from '../../factory/agent/turn/settle.ts';
import type { JournalWriter } from '../../factory/ports.ts';
import { AUDITOR } from '../../factory/model/agents.ts';
import { type AuditSummary, ENDED, type Project } from '../../factory/model/project.ts';
import { loadSnapshot } from '../../factory/lifecycle/snapshot.ts';
import { activeWhile, countTime, type Watched } from '../../factory/lifecycle/active-while.ts';
import { openAuditBook } from '../../factory/audits/transcript.ts';
import { leaseRound } from '../steps/round-lease.ts';
import { closeAudit } from '../../factory/audits/outcome.ts';
import { openAuditPlace } from '../../factory/audits/place.ts';
import { type Judged, judgeAll, type Round } from '../../factory/audits/rounds.ts';
import { whenRoom } from '../maintenance/disk-space.ts';
import { atStep } from '../steps/lease.ts';
import { waitForMoney } from '../../factory/lifecycle/not-now.ts';
import type { JobContext, Processor } from '../steps/processor.ts';
import { done, type JobResult, skipped } from '../../queues/jobs/result.ts';
import { breakTie } from '../../factory/decisions/choose/break-tie.ts';

/** Asks a judge, task by task, whether the work is done; its word counts only with evidence. */
export const processor: Processor<'audits'> = whenRoom(
  () => true,
  async ({ projectId, kind, round }, context) => {
    if (kind === 'tie') return breakTie(projectId, round, context);
    const { services } = context;
    const { project, agents } = await loadSnapshot(services.state, projectId, services.config);
    const working = agents.some((agent) => agent.status !== 'completed');
    if (kind !== 'manual' && project.status !== 'active') return skipped(`the project is ${project.status}`);
    if (kind === 'closing' && working) return skipped('an agent is still at work');
    const busy = working && !ENDED.has(project.status);
    return atStep(
      context,
      { projectId, persona: AUDITOR, step: round },
      (writer) => audit(context, project, writer, kind, busy),
      { lease: leaseRound, taken: async () => skipped(`round ${round} is taken`) },
    );
  },
);

async function audit(
  context: JobContext,
  project: Project,
  writer: JournalWriter,
  kind: Round['kind'],
  busy: boolean,
): Promise<JobResult> {
  const { services } = context;
  const watched = await audited(context, project, busy, (signal) =>
    hold(context, project, writer, { kind, busy, signal }),
  );
  if (watched.stopped) return watched.result;
  const { value } = watched;
  if ('notNow' in value) {
    if (watched.ms > 0 && !ENDED.has(project.status)) await countTime(context, project.id, watched.ms);
    return waitForMoney(context, project.id, value.notNow);
  }
  const { findings, judge, commit } = value;
  const summary: AuditSummary = {
    kind,
    round: writer.step,
    at: services.clock.now(),
    commit,
    passed: findings.length === 0,
    judge,
    findings: findings.map(({ text }) => text),
  };
  await closeAudit(context, project, writer, { summary, findings, ms: watched.ms });
  await services.desk.dispatch(project.id);
  return done(`${kind} audit ${summary.passed ? 'passed' : `found ${findings.length} open`}`);
}

/**
 * Runs an audit with the time that it takes counted. Beside working agents it costs none: theirs is counted already. One
 * that the owner asks for after the end runs without a look at the project, which would cut it off for having ended.
 */
async function audited<T>(
  context: JobContext,
  project: Project,
  busy: boolean,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Watched<T>> {
  if (!ENDED.has(project.status)) {
    const watched = await activeWhile(context, project, work, busy ? async () => {} : undefined);
    return busy && !watched.stopped ? { ...watched, ms: 0 } : watched;
  }
  const value = await work(context.signal);
  if (context.signal.aborted)
    return { stopped: true, result: { outcome: 'interrupted', detail: 'the worker is going down' } };
  return { stopped: false, value, ms: 0 };
}

/** From the journal's end on: books what a dead predecessor left open, then judges. */
async function hold(
  { services, log }: JobContext,
  project: Project,
  writer: JournalWriter,
  { kind, busy, signal }: Pick<Round, 'kind' | 'busy' | 'signal'>,
): Promise<
  (Exclude<Judged, { notNow: unknown }> & { commit: string }) | Extract<Judged, { notNow: unknown }>
> {
  const { state, git } = services;
  const entries = await state.journal(project.id, AUDITOR).entries();
  // Notes are the book's; the memory is for leases, requests and replies alone, and stays small.
  const memory = remember(entries.filter((entry) => entry.type !== 'note'));
  const session = openSession(memory, writer, services.clock);
  await settle({ projectId: project.id, persona: AUDITOR, finance: await services.finance() }, session);
  const commit = await git.resolveCommit(project.repository, project.workBranch);
  const { place, leave } = await openAuditPlace(services, project, commit);
  try {
    log(`${kind} audit of ${commit}`);
    const judged = await judgeAll({
      services,
      project,
      session,
      book: openAuditBook(entries, writer.step),
      hands: {
        sandbox: await services.sandbox(),
        place,
        commandTimeoutMs: services.config.gates.timeout,
        newOutput: (label) => state.newOutput(project.id, label),
      },
      signal,
      kind,
      commit,
      reports: await state.gates(project.id).list(),
      busy,
    });
    return 'notNow' in judged ? judged : { ...judged, commit };
  } finally {
    await leave();
  }
}
