import { type DarkFactoryError, usageError } from '../../lib/failure.ts';
import type { NewId } from '../../lib/ids.ts';
import { brief, wellFormed } from '../../lib/text/text.ts';
import type { NewEvent } from '../model/event.ts';
import type { Project } from '../model/project.ts';
import { LONGEST_WORDS, messageKey, nameOf, type OutsideKind } from '../model/talk.ts';
import type { StateStore } from '../ports.ts';

export interface TalkDeps {
  state: Pick<StateStore, 'talk' | 'journal'>;
  newId: NewId;
  now(): Date;
  record(event: NewEvent): Promise<void>;
}

/** Words of the owner to a project, with their receipt: what `df tell` and `df messages` print. */
export interface Message {
  id: string;
  projectId: string;
  text: string;
  /** Who gave it. */
  from: string;
  sentAt: Date;
  /** For this agent alone. Missing: for whichever is at work. */
  persona?: string;
  /** When an agent got it, with the request of which step. Missing: it waits. */
  deliveredAt?: Date;
  step?: number;
}

const MAX_WAITING = 100;

/**
 * Puts a message to a project: it is handed to an agent with its next request, once, whatever worker takes it. It may have ended, for
 * whoever lets it live on next.
 *
 * @param persona for this agent alone
 * @param id for whoever may come with the same words again: only the first time counts
 * @throws DarkFactoryError `usage`: `message_invalid`, `too_many_messages` (100 wait)
 */
export async function tell(
  { state, newId, now, record }: TalkDeps,
  project: Pick<Project, 'id' | 'name' | 'personas'>,
  words: string,
  {
    by,
    persona,
    id = newId(),
    outside,
  }: { by: string; persona?: string; id?: string; outside?: OutsideKind },
): Promise<Message> {
  const text = checkedWords('message', words);
  const { id: projectId, name } = project;
  const told = await handedOver(state, project);
  const whom = persona === undefined ? {} : { persona };
  const from = outside === undefined ? {} : { outside };
  const message = { id, at: now().toISOString(), by, text, ...whom, ...from };
  let known = false;
  await state.talk(projectId).append((there) => {
    known = there.some((each) => each.type === 'message' && each.id === id);
    if (known) return [];
    const waiting = there.filter((each) => each.type === 'message' && !told.has(messageKey(each.id)));
    if (waiting.length >= MAX_WAITING) throw tooMany(name);
    return [{ type: 'message', ...message }];
  });
  const sent = { id, projectId, text, from: by, sentAt: new Date(message.at), ...whom };
  if (known) return sent;
  await record({
    ...{ projectId, ...whom, type: 'message.sent', level: 'info', data: { by, messageId: message.id } },
    message: `${nameOf(by)} to ${persona ?? 'the agents'}: ${brief(text, 200)}`,
  });
  return sent;
}

/** All messages to a project, oldest first. */
export async function messagesOf(
  state: TalkDeps['state'],
  project: Pick<Project, 'id' | 'personas'>,
): Promise<Message[]> {
  const told = await handedOver(state, project);
  return (await state.talk(project.id).entries()).flatMap((entry) => {
    if (entry.type !== 'message') return [];
    const { id, text, by, at, persona } = entry;
    const receipt = told.get(messageKey(id));
    return {
      ...{ id, projectId: project.id, text, from: by, sentAt: new Date(at) },
      ...(persona === undefined ? {} : { persona }),
      ...(receipt === undefined ? {} : { deliveredAt: new Date(receipt.at), step: receipt.step }),
    };
  });
}

/** What any agent of a project was told, by the keys of the notes in their journals: time and step. */
export async function handedOver(
  state: Pick<StateStore, 'journal'>,
  { id, personas }: Pick<Project, 'id' | 'personas'>,
): Promise<Map<string, { at: string; step: number }>> {
  const told = new Map<string, { at: string; step: number }>();
  for (const { templateName } of personas)
    for (const entry of await state.journal(id, templateName).entries())
      if (entry.type === 'note' && !told.has(entry.key)) told.set(entry.key, entry);
  return told;
}

/** Throws `usage`/`message_invalid` or `answer_invalid`. */
export function checkedWords(what: 'message' | 'answer', words: string): string {
  const text = wellFormed(words).trim();
  if (text !== '' && text.length <= LONGEST_WORDS) return text;
  throw usageError(
    `${what}_invalid`,
    text === '' ? `The ${what} is empty` : `The ${what} has ${text.length} characters`,
    `Give at most ${LONGEST_WORDS}, and put the rest into a file of the repository that it names.`,
  );
}

function tooMany(name: string): DarkFactoryError {
  return usageError(
    'too_many_messages',
    `${MAX_WAITING} messages to ${name} wait to be handed over`,
    'Nothing was sent. Wait for its next turn.',
  );
}
