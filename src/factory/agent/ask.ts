import { compact, isTooLong } from './compaction.ts';
import type { JournalRecord } from './journal.ts';
import { callbacks, withoutReply } from './paid.ts';
import type { Scribe } from './scribe.ts';
import type { TurnDeps, TurnOutcome } from './turn.ts';

/** How often a conversation that a vendor refuses is made smaller before the step gives up. */
const SQUEEZES = 2;

/**
 * Gets the model's reply into the journal.
 *
 * @returns `null` when it is there; otherwise why the step cannot go on now
 */
export async function ask(deps: TurnDeps, scribe: Scribe, signal: AbortSignal): Promise<TurnOutcome | null> {
  for (let squeezed = 0; ; squeezed += 1) {
    if (signal.aborted) return { kind: 'interrupted' };
    const notes = dueNotes(deps, scribe);
    if (isTooLong(deps, scribe.preview(...notes))) {
      const stopped = await compact(deps, scribe, signal, 'when_long');
      if (stopped !== null) return stopped;
    }
    const outcome = await deps.finance.complete({
      ...callbacks(deps, scribe, notes),
      operation: deps.operation ?? 'chat',
      request: {
        system: deps.system,
        messages: scribe.preview(...notes).conversation,
        tools: deps.tools.specs,
        maxOutputTokens: deps.limits.maxOutputTokens,
      },
      signal,
    });
    if (outcome.kind === 'reply') return null;
    if (outcome.kind !== 'context' && outcome.kind !== 'malformed') return withoutReply(outcome);
    if (squeezed === SQUEEZES) return giveUp(scribe, outcome);
    const how = outcome.kind === 'context' && squeezed === 0 ? 'refused_as_long' : 'refused';
    await compact(deps, scribe, signal, how);
  }
}

/** Notes that the journal does not have yet. */
function dueNotes({ notes }: TurnDeps, { memory }: Scribe): JournalRecord[] {
  return notes
    .filter(({ key }) => !memory.noteKeys.has(key))
    .map(({ key, text }) => ({ type: 'note', key, text }));
}

async function giveUp(
  scribe: Scribe,
  { kind, detail }: { kind: 'context' | 'malformed'; detail: string },
): Promise<TurnOutcome> {
  const why = kind === 'context' ? 'is too long for every provider' : 'is refused by the provider';
  const reason = `The conversation ${why}, also after it was replaced by a summary: ${detail}`;
  await scribe.append({ type: 'step_done', outcome: 'blocked', progress: 'blocked', reason });
  return { kind: 'done', outcome: 'blocked', reason };
}
