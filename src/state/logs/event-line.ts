/** What an event may say where it is written down: it stands in clear, and people hand logs on. */
import { agentIdOf } from '../../factory/model/agent-id.ts';
import { type FactoryEvent, isOwnWords } from '../../factory/model/event.ts';
import type { LogStore } from '../../factory/ports.ts';
import { redactValue } from '../../lib/text/redact.ts';

type Event = Omit<FactoryEvent, 'timestamp'>;

/** In the place of words that are kept encrypted. */
export const WITHHELD = 'What was said is kept encrypted (privacy.encrypt).';
/** Of what they carry: names that the factory gave. */
const NAMES: ReadonlySet<string> = new Set([
  ...[
    'by',
    'commit',
    'decisionId',
    'for',
    'kind',
    'messageId',
    'model',
    'phase',
    'provider',
    'questionId',
    'report',
    'requestId',
    'operation',
    'status',
  ],
]);

/**
 * An event as it is written down: without keys; with its agent; and with `privacy.encrypt` without words of models, commands and
 * judges, which stand encrypted in journals and outputs.
 */
export function eventLine<E extends Event>(event: E, encrypt: boolean): E {
  const shown = encrypt && !isOwnWords(event.type) ? withheld(event) : event;
  const { persona, projectId } = event;
  const agent = persona === undefined ? {} : { agentId: agentIdOf(projectId, persona) };
  return { ...(redactValue(shown) as E), ...agent };
}

/** A log of events whose every door lets only that in which may stand there. */
export function asWritten<L extends LogStore<FactoryEvent>>(log: L, encrypt: boolean): L {
  const lines = (entries: readonly FactoryEvent[]) => entries.map((each) => eventLine(each, encrypt));
  return {
    ...log,
    append: (...entries: FactoryEvent[]) => log.append(...lines(entries)),
    write: (...entries: FactoryEvent[]) => log.write(...lines(entries)),
  };
}

function withheld<E extends Event>({ data, ...rest }: E): Omit<E, 'data'> {
  const kept = Object.entries(data ?? {}).filter(
    ([name, value]) => typeof value === 'number' || typeof value === 'boolean' || NAMES.has(name),
  );
  return {
    ...rest,
    message: WITHHELD,
    ...(kept.length === 0 ? {} : { data: Object.fromEntries(kept) }),
  };
}
