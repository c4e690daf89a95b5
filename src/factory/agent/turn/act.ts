import { clip, wellFormed } from '../../../lib/text/text.ts';
import type { JournalRecord } from '../../model/journal.ts';
import type { ToolCall } from '../../model/message.ts';
import type { CallState, JournalSession, Position, ReplyRecord } from '../memory/memory-types.ts';
import { INTERRUPTED } from '../tools/bash.ts';
import { failed, type ToolOutcome } from '../tools/tool.ts';
import type { TurnDeps } from './turn-types.ts';

/** More calls than this in one reply are not run: a model that runs wild must not hold a step for ever. */
const MAX_CALLS = 64;

/**
 * Runs the calls of the reply, in order, from where the journal ends.
 *
 * A mark is made durable before a call with effects, and the reply with it; its result is written with the next mark or with the end
 * of the step.
 * A call that was found started without result is not run again unless that is safe.
 */
export async function act(
  deps: TurnDeps,
  session: JournalSession,
  signal: AbortSignal,
): Promise<'acted' | 'interrupted'> {
  const { calls, reply } = acting(session.memory.position);
  let ended = calls.some(({ result }) => result?.effect !== undefined);
  for (const [index, state] of calls.entries()) {
    if (state.state === 'done') continue;
    if (signal.aborted) return interrupted(session);
    const reason = whyNotRun(ended, index, isHalf(reply, state.call));
    const outcome =
      reason === null ? await perform(deps, session, signal, state, index) : failed(`not run: ${reason}`);
    if (outcome.effect === 'unfinished') return interrupted(session);
    session.hold(resultOf(state.call, outcome));
    deps.watch?.({
      type: 'tool_result',
      call: state.call,
      index,
      isError: outcome.isError,
      output: outcome.output,
      resumed: state.state === 'started',
    });
    ended ||= outcome.effect !== undefined;
  }
  return signal.aborted ? interrupted(session) : 'acted';
}

/** The position of a step whose reply is there. */
export function acting(position: Position): Extract<Position, { at: 'acting' }> {
  if (position.at !== 'acting') throw new Error(`a reply was reported, but the journal is ${position.at}`);
  return position;
}

async function interrupted(session: JournalSession): Promise<'interrupted'> {
  await session.append();
  return 'interrupted';
}

async function perform(
  deps: TurnDeps,
  session: JournalSession,
  signal: AbortSignal,
  { call, state }: CallState,
  index: number,
): Promise<ToolOutcome> {
  const tool = deps.tools.find(call.name);
  if (tool === undefined) return failed(deps.tools.unknown(call.name));
  if (state === 'started' && tool.onResume === 'interrupted') return failed(INTERRUPTED);
  const started: JournalRecord = { type: 'tool_started', callId: call.id, name: call.name };
  if (tool.reads) {
    await session.force();
    session.hold(started);
  } else if (state === 'waiting') await session.append(started);
  else await session.check();
  if (!tool.reads) await deps.executing?.();
  return tool.run(call.arguments, {
    key: `${deps.persona}/${session.step}/${index}`,
    signal,
    check: session.check,
  });
}

function whyNotRun(ended: boolean, index: number, half: boolean): string | null {
  if (ended) return 'the call before it ended the turn';
  if (index >= MAX_CALLS) {
    return `at most ${MAX_CALLS} calls are run in one turn. Make fewer and look at the results.`;
  }
  return half ? 'your reply was cut off in this call. Make it again, in smaller pieces.' : null;
}

/** The reply ended in this call. A server may have closed its JSON, so that it looks whole: a half one is never run. */
function isHalf({ stop, message }: ReplyRecord, { id }: ToolCall): boolean {
  const last = message.parts.at(-1);
  return (stop === 'max_tokens' || stop === 'context') && last?.type === 'tool_call' && last.id === id;
}

function resultOf(
  { id, name }: ToolCall,
  { output, isError, outputFile, effect }: ToolOutcome,
): JournalRecord {
  return {
    type: 'tool_result',
    callId: id,
    name,
    output: clip(wellFormed(output)),
    isError,
    ...(outputFile === undefined ? {} : { outputFile }),
    ...(effect === undefined || effect === 'unfinished' ? {} : { effect }),
  };
}
