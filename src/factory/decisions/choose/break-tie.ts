import { textOf } from '../../agent/memory/conversation.ts';
import { remember } from '../../agent/memory/memory.ts';
import { openSession } from '../../agent/memory/journal-session.ts';
import type { JournalSession } from '../../agent/memory/memory-types.ts';
import { settle } from '../../agent/turn/settle.ts';
import { type Fork, type ForkBranch, type ForkChoice, openFork, withFork } from '../../model/fork.ts';
import { readTie, rivals, settleTie, TIE_SYSTEM_PROMPT, tieQuestion } from './tie.ts';
import type { JournalWriter } from '../../ports.ts';
import { AUDITOR } from '../../model/agents.ts';
import { exploresDecision, type Project } from '../../model/project.ts';
import type { Services } from '../../../services.ts';
import { activeWhile, countTime } from '../../lifecycle/active-while.ts';
import { leaseRound } from '../../../workers/steps/round-lease.ts';
import { atStep } from '../../../workers/steps/lease.ts';
import type { NotNow } from '../../lifecycle/not-now.ts';
import type { JobContext } from '../../../workers/steps/processor.ts';
import { done, type JobResult, skipped } from '../../../queues/jobs/result.ts';

const ANSWER_TOKENS = 1_024;

/**
 * Two branches are equal by evidence and figures: a judge is shown both patches in both orders. It is a round in the auditor's
 * journal, so no two run at once, every request is booked once, and an answer that was paid for is not asked for again.
 */
export async function breakTie(projectId: string, round: number, context: JobContext): Promise<JobResult> {
  const { services } = context;
  const project = await services.state.project(projectId).get();
  const fork = openFork(project);
  if (!exploresDecision(project) || fork?.phase !== 'judging') return skipped('no tie is to be broken');
  return atStep(
    context,
    { projectId, persona: AUDITOR, step: round },
    (writer) => decideTie(context, project, fork, writer),
    { lease: leaseRound, taken: async () => skipped(`round ${round} is taken`) },
  );
}

async function decideTie(
  context: JobContext,
  project: Project,
  fork: Fork,
  writer: JournalWriter,
): Promise<JobResult> {
  const { services } = context;
  const watched = await activeWhile(context, project, (signal) =>
    judge(services, project, fork, writer, signal),
  );
  if (watched.stopped) return watched.result;
  await countTime(context, project.id, watched.ms);
  if ('notNow' in watched.value) return later(services, watched.value.notNow);
  await save(services, project, fork, writer, watched.value.choice);
  await services.desk.dispatch(project.id);
  return done(watched.value.choice.why);
}

/** The project waits for the decision all the while, so it is the job that comes back. */
async function later({ desk, clock, config }: Services, notNow: NotNow): Promise<JobResult> {
  if (notNow.kind === 'no_provider') await desk.requestProbes();
  const asked = 'until' in notNow ? notNow.until : undefined;
  const until = asked ?? new Date(clock.now().getTime() + config.pollingInterval);
  return { outcome: 'parked', until, detail: notNow.detail };
}

type Judged = { choice: ForkChoice } | { notNow: NotNow };

async function judge(
  services: Services,
  project: Project,
  fork: Fork,
  writer: JournalWriter,
  signal: AbortSignal,
): Promise<Judged> {
  const { state, git } = services;
  const entries = await state.journal(project.id, AUDITOR).entries();
  const memory = remember(entries.filter((entry) => entry.type !== 'note'));
  const session = openSession(memory, writer, services.clock);
  await settle({ projectId: project.id, persona: AUDITOR, finance: await services.finance() }, session);
  const heard = new Map(entries.flatMap((entry) => (entry.type === 'note' ? [[entry.key, entry.text]] : [])));
  const pair = rivals(fork);
  const sides = await Promise.all(
    pair.map(async (branch) => {
      const head = await git.branchHead(project.repository, branch.workBranch);
      return { branch, patch: head === null ? '' : await git.diff(project.repository, fork.commit, head) };
    }),
  );
  const said: ({ projectId: string; why: string } | null)[] = [];
  for (const [index, order] of [sides, sides.toReversed()].entries()) {
    const key = `tie/${fork.decisionId}/${index}`;
    const known = heard.get(key);
    const words = known ?? (await ask(services, project, fork, session, { key, order, signal }));
    if (typeof words !== 'string') return words;
    const read = readTie(words);
    const winner = read === null ? undefined : order[read.winner]?.branch.projectId;
    said.push(read === null || winner === undefined ? null : { projectId: winner, why: read.why });
  }
  return { choice: settleTie(pair, said) };
}

async function ask(
  services: Services,
  project: Project,
  fork: Fork,
  session: JournalSession,
  {
    key,
    order,
    signal,
  }: { key: string; order: readonly { branch: ForkBranch; patch: string }[]; signal: AbortSignal },
): Promise<string | { notNow: NotNow }> {
  const finance = await services.finance();
  const author = (await services.state.finance(project.id).get()).currentProviderId;
  let words = '';
  const outcome = await finance.complete({
    projectId: project.id,
    operation: 'audit',
    persona: AUDITOR,
    step: session.step,
    request: {
      system: TIE_SYSTEM_PROMPT,
      messages: [{ role: 'user', text: tieQuestion(project.description, fork, order) }],
      tools: [],
      maxOutputTokens: ANSWER_TOKENS,
    },
    ...(author === undefined ? {} : { avoidProvider: author }),
    signal,
    opened: (record) => session.append({ type: 'request', ...record }),
    failed: (record) => session.append({ type: 'request_failed', ...record }),
    async replied(record) {
      words = textOf(record.message);
      await session.append({ type: 'reply', ...record }, { type: 'note', key, text: words });
    },
  });
  if (outcome.kind === 'wait' || outcome.kind === 'no_provider') return { notNow: outcome };
  // A cap over all projects has room again some time. What this one has no money for is no opinion: the tie is broken without.
  if (outcome.kind === 'budget' && outcome.until !== undefined) return { notNow: outcome };
  return words;
}

/** The project first, then the journal: a crash in between repeats the round, and finds nothing to decide. */
async function save(
  { state, clock, record }: Services,
  project: Project,
  fork: Fork,
  writer: JournalWriter,
  choice: ForkChoice,
): Promise<void> {
  await writer.check();
  let counts = false;
  await state.project(project.id).update((current) => {
    // The owner may have decided while the judge did.
    counts = openFork(current)?.decisionId === fork.decisionId && openFork(current)?.phase === 'judging';
    const forks = counts
      ? withFork(current.forks, fork.decisionId, (each) => ({ ...each, phase: 'merging' as const, choice }))
      : current.forks;
    return { ...current, auditRounds: writer.step, forks, updatedAt: clock.now() };
  });
  await writer.append({ type: 'step_done', outcome: 'continue' });
  if (!counts) return;
  await record({
    projectId: project.id,
    type: 'decision.weighed',
    level: 'info',
    message: choice.why,
    data: { decisionId: fork.decisionId, choice },
  });
}
