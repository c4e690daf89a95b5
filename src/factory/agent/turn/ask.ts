import type { JournalRecord } from '../../model/journal.ts';
import type { JournalSession } from '../memory/memory-types.ts';
import { compact, isTooLong, promptTokens } from './compaction.ts';
import { callbacks, withoutReply } from './paid.ts';
import { cacheOutlook } from './pauses.ts';
import type { TurnDeps, TurnOutcome } from './turn-types.ts';

/** How often a conversation that a vendor refuses is made smaller before the step gives up. */
const SQUEEZES = 2;

/**
 * Gets the model's reply into the journal.
 *
 * @returns `null` when it is there; otherwise why the step cannot go on now
 */
export async function ask(
  deps: TurnDeps,
  session: JournalSession,
  signal: AbortSignal,
): Promise<TurnOutcome | null> {
  /** Another try went on without more room, and with the same conversation. */
  let spared = false;
  for (let squeezed = 0; ; ) {
    if (signal.aborted) return { kind: 'interrupted' };
    const notes = dueNotes(deps, session);
    if (session.memory.measured?.full) await compact(deps, session, signal, 'refused_as_long');
    if (isTooLong(deps, session.preview(...notes))) {
      const stopped = await compact(deps, session, signal, 'when_long');
      if (stopped !== null) return stopped;
    }
    const asked = session.preview(...notes);
    const { aside } = session.memory;
    const outcome = await deps.finance.complete({
      ...callbacks(deps, session, notes),
      cache: cacheOutlook(
        asked.pauses,
        promptTokens(deps, asked),
        asked.measured,
        await deps.gateMs?.(),
        deps.clock.now(),
      ),
      operation: deps.operation ?? 'chat',
      request: {
        system: deps.system,
        messages: asked.conversation,
        tools: deps.tools.specs,
        ...(deps.effort === undefined ? {} : { effort: deps.effort }),
        ...(aside?.more === undefined ? {} : { maxOutputTokens: aside.more }),
      },
      signal,
    });
    if (outcome.kind === 'reply') return null;
    // The same conversation was answered with less room: it need not be what was refused.
    const forRoom = aside?.more !== undefined && session.memory.aside?.more === undefined;
    if (outcome.kind === 'refused') {
      if (outcome.squeezed && !spared) {
        const { squeezed: _, ...refused } = outcome;
        return refused;
      }
      if (!forRoom) await compact(deps, session, signal, 'refused');
      spared = forRoom;
      await deps.finance.squeezed(deps.projectId);
      continue;
    }
    if (outcome.kind !== 'context') return withoutReply(outcome);
    if (forRoom) continue;
    const { otherwise } = outcome;
    if (otherwise !== undefined && isSmallest(session.memory, 'cap' in otherwise)) return otherwise;
    if (squeezed === SQUEEZES) return otherwise ?? tooLong(outcome.detail);
    await compact(deps, session, signal, squeezed === 0 ? 'refused_as_long' : 'refused');
    squeezed += 1;
  }
}

/**
 * It was made smaller already: more of it is not thrown away while somebody is awaited who would take it as it is. Below a cap nobody
 * is: there it is made as small as it can be, but a summary is not told again at each try of an hour.
 */
function isSmallest({ measured, conversation, pinned }: JournalSession['memory'], isCap: boolean): boolean {
  return isCap ? conversation.length <= pinned + 1 : measured === undefined;
}

/** Notes that the journal does not have yet. */
function dueNotes({ notes }: TurnDeps, { memory }: JournalSession): JournalRecord[] {
  return notes
    .filter(({ key }) => !memory.noteKeys.has(key))
    .map(({ key, text }) => ({ type: 'note', key, text }));
}

function tooLong(detail: string): TurnOutcome {
  const text = `The conversation is too long for every provider, also after it was replaced by a summary: ${detail}`;
  return { kind: 'refused', detail: text };
}
