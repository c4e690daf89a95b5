import type { JournalWriter } from '../../ports.ts';
import { openSession } from '../memory/journal-session.ts';
import type { AgentMemory } from '../memory/memory-types.ts';
import { setAsideIfCut } from '../memory/set-aside.ts';
import { act } from './act.ts';
import { ask } from './ask.ts';
import { close } from './close.ts';
import { settle } from './settle.ts';
import type { TurnDeps, TurnOutcome } from './turn-types.ts';

/**
 * One step: at most one reply of the model (and a summary, when the conversation is long) and the calls it asked for.
 * Everything is journalled before it counts, so the step may be cut off anywhere and taken up by another worker.
 *
 * @param memory what the journal says, read after the lease was taken
 * @param signal cut it to end the turn at the next safe place; a running command is ended
 * @throws LeaseLost when another worker has taken the step over
 */
export async function runTurn(
  deps: TurnDeps,
  memory: AgentMemory,
  writer: JournalWriter,
  signal: AbortSignal,
): Promise<TurnOutcome> {
  const session = openSession(memory, writer, deps.clock);
  await settle(deps, session);
  do {
    if (session.memory.position.at !== 'acting') {
      const unanswered = await ask(deps, session, signal);
      if (unanswered !== null) return unanswered;
    }
  } while (await setAsideIfCut(session));
  const acted = await act(deps, session, signal);
  return acted === 'interrupted' ? { kind: 'interrupted' } : close(deps, session);
}
