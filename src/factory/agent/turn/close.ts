import { textOf } from '../memory/conversation.ts';
import type { JournalSession, ReplyRecord } from '../memory/memory-types.ts';
import { acting } from './act.ts';
import { judge, turnOf, type Verdict, walk } from './progress.ts';
import type { TurnDeps, TurnOutcome } from './turn-types.ts';

/** Ends the step: what is still open, whether the agent gets anywhere, and `step_done`, in one write. */
export async function close(deps: TurnDeps, session: JournalSession): Promise<TurnOutcome> {
  const position = acting(session.memory.position);
  const { calls } = position;
  const { stop } = position.reply;
  // A model that paused goes on by itself: words in between would be an answer to half a thought.
  if (calls.length === 0 && stop !== 'paused') {
    session.hold({ type: 'note', key: `still-open/${session.step}`, text: await reminder(deps, session) });
  }
  if (calls.length > 0 && (stop === 'max_tokens' || stop === 'context')) {
    session.hold({ type: 'note', key: `cut-off/${session.step}`, text: cutOff(position.reply) });
  }
  let mark = calls.some(({ call }) => deps.tools.find(call.name)?.reads === false)
    ? await deps.workMark(false)
    : undefined;
  const end = calls.find(({ result }) => result?.effect !== undefined)?.result;
  if (end?.effect !== undefined) {
    await session.append({ type: 'step_done', outcome: end.effect, ...treeOf(mark), reason: end.output });
    return { kind: 'done', outcome: end.effect };
  }
  const judged = () => judge(walk(session.memory.trail, turnOf(position, mark)), deps.limits.idleTurns);
  // Nobody is told off without a look: changes of turns that were not looked at count too.
  if (mark === undefined && judged().verdict !== 'go_on') mark = await deps.workMark(true);
  return object(deps, session, judged(), treeOf(mark));
}

const treeOf = (mark: string | undefined) => (mark === undefined ? {} : { tree: mark });

/** Warns, clears the conversation or gives up, as the no-progress rule says. */
async function object(
  deps: TurnDeps,
  session: JournalSession,
  verdict: Verdict,
  tree: { tree?: string },
): Promise<TurnOutcome> {
  if (verdict.verdict === 'go_on') {
    await session.append({ type: 'step_done', outcome: 'continue', ...tree });
    return { kind: 'done', outcome: 'continue' };
  }
  const { reason } = verdict;
  const progress = ({ warn: 'warned', fresh: 'fresh', block: 'blocked' } as const)[verdict.verdict];
  const isHeld = progress === 'blocked' && (await deps.awaitsOwner?.()) === true;
  const told = isHeld ? `${reason}. Its owner is heard before it is given up` : reason;
  deps.watch?.({ type: 'progress', verdict: progress, reason: told });
  if (progress === 'blocked' && !isHeld) {
    const why = `No progress: ${reason}.`;
    await session.append({ type: 'step_done', outcome: 'blocked', ...tree, progress, reason: why });
    return { kind: 'done', outcome: 'blocked' };
  }
  if (progress !== 'fresh') {
    const text = isHeld ? waitsForOwner(reason) : warning(reason);
    session.hold({ type: 'note', key: `no-progress/${session.step}`, text });
  } else {
    session.hold({ type: 'compacted', text: freshStart(reason, await deps.wordForWord()) });
  }
  await session.append({ type: 'step_done', outcome: 'continue', ...tree, progress, reason: told });
  return { kind: 'done', outcome: 'continue' };
}

function warning(reason: string): string {
  return (
    `The factory sees no progress: ${reason}. Stop and think: what did you expect, what happened instead, what have you ` +
    'not looked at yet? Try something different. If a task cannot be done, set it to blocked with a note that says why.'
  );
}

function waitsForOwner(reason: string): string {
  return (
    `The factory sees no progress: ${reason}. You are called again when your owner has answered. Take what is said into account, and ` +
    'go another way than before.'
  );
}

function freshStart(reason: string, facts: string): string {
  return (
    `Your earlier conversation was taken away because it led nowhere: ${reason}. The files are as you left them. ` +
    `Look at them with fresh eyes and choose another way.\n\n${facts}`
  );
}

function cutOff(reply: Cut): string {
  return (
    `${whereCut(reply)}: what it was cut in was not run, and calls that you meant to make after it are missing. ` +
    `Look at what came of the others before you go on${reply.stop === 'context' ? '.' : ', and write less at once.'}`
  );
}

type Cut = Pick<ReplyRecord, 'stop'> & Partial<Pick<ReplyRecord, 'limit'>>;

function whereCut({ stop, limit }: Cut): string {
  return stop === 'context'
    ? 'Your reply was cut off because the conversation fills all that you can read (its older part is replaced by a summary)'
    : `Your reply was cut off at the output limit${limit === undefined ? '' : ` of ${limit} tokens`}`;
}

async function reminder(deps: TurnDeps, { memory }: JournalSession): Promise<string> {
  const { reply } = acting(memory.position);
  const what =
    reply.stop === 'max_tokens' || reply.stop === 'context'
      ? `${whereCut(reply)} before it called a tool.${reply.stop === 'context' ? '' : ' Write less at once.'}`
      : textOf(reply.message) === ''
        ? 'Your reply was empty.'
        : 'Your reply called no tool, so nothing was done. Nobody reads your words: only tool calls have an effect.';
  const open = (await deps.openWork()).trim();
  return `${what}\n\n${open}\n\nGo on with a tool call. When everything is done, call finish.`;
}
