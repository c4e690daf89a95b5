import { textOf } from '../../agent/memory/conversation.ts';
import type { JournalSession } from '../../agent/memory/memory-types.ts';
import { withBooks } from '../../agent/turn/paid.ts';
import { type BooksDeps, openBooks } from '../../agent/turn/settle.ts';
import type { NotNow } from '../../agent/turn/turn-types.ts';
import { notTheAuthor } from '../../hearings/author.ts';
import { AUDITOR } from '../../model/agents.ts';
import type { NewEvent } from '../../model/event.ts';
import { type Fork, type ForkBranch, type ForkChoice, openFork, withFork } from '../../model/fork.ts';
import type { Project } from '../../model/project.ts';
import type { FinanceManager, GitManager, JournalWriter, StateStore } from '../../ports.ts';
import { readTie, rivals, settleTie, TIE_SYSTEM_PROMPT, tieQuestion } from './tie.ts';

const MAX_ANSWER_TOKENS = 1_024;

export interface TieDeps extends BooksDeps {
  state: Pick<StateStore, 'journal' | 'finance' | 'project'>;
  git: Pick<GitManager, 'branchHead' | 'diff'>;
  finance: FinanceManager;
  record(event: NewEvent): Promise<void>;
}

/** `interrupted`: a judge was cut off, by whom it may be; that is no opinion of it. */
export type TieJudged = { choice: ForkChoice } | { notNow: NotNow } | 'interrupted';

/**
 * Two branches are equal by evidence and figures: a judge is shown both patches in both orders. It is a round in the auditor's
 * journal, so no two run at once, every request is booked once, and an answer that was paid for is not asked for again.
 */
export async function judgeTie(
  deps: TieDeps,
  project: Project,
  fork: Fork,
  writer: JournalWriter,
  signal: AbortSignal,
): Promise<TieJudged> {
  const { git } = deps;
  const { session, entries } = await openBooks(deps, { projectId: project.id, persona: AUDITOR }, writer);
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
    const asked =
      known === undefined
        ? await ask(deps, project, fork, session, { key, order, signal })
        : { words: known };
    if (asked === 'interrupted' || 'notNow' in asked) return asked;
    const read = readTie(asked.words);
    const winner = read === null ? undefined : order[read.winner]?.branch.projectId;
    said.push(read === null || winner === undefined ? null : { projectId: winner, why: read.why });
  }
  return { choice: settleTie(pair, said) };
}

async function ask(
  { state, finance }: TieDeps,
  project: Project,
  fork: Fork,
  session: JournalSession,
  {
    key,
    order,
    signal,
  }: { key: string; order: readonly { branch: ForkBranch; patch: string }[]; signal: AbortSignal },
): Promise<{ words: string } | Exclude<TieJudged, { choice: ForkChoice }>> {
  let words = '';
  const outcome = await finance.complete({
    projectId: project.id,
    operation: 'audit',
    persona: AUDITOR,
    request: {
      system: TIE_SYSTEM_PROMPT,
      messages: [{ role: 'user', text: tieQuestion(project.description, fork, order) }],
      tools: [],
      maxOutputTokens: MAX_ANSWER_TOKENS,
    },
    ...(await notTheAuthor(state, project.id)),
    signal,
    ...withBooks(session, {
      beside(message) {
        words = textOf(message);
        return [{ type: 'note', key, text: words }];
      },
    }),
  });
  if (outcome.kind === 'aborted') return 'interrupted';
  if (outcome.kind === 'wait' || outcome.kind === 'no_provider') return { notNow: outcome };
  // A cap over all projects has room again some time. What this one has no money for is no opinion: the tie is broken without.
  if (outcome.kind === 'budget' && outcome.until !== undefined) return { notNow: outcome };
  return { words };
}

/** The project first, then the journal: a crash in between repeats the round, and finds nothing to decide. */
export async function saveTie(
  { state, now, record }: TieDeps,
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
    return { ...current, auditRounds: writer.step, forks, updatedAt: now() };
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
