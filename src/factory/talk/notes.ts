import { plainText } from '../../lib/text/plain-text.ts';
import type { Note } from '../agent/turn/turn-types.ts';
import type { Project } from '../model/project.ts';
import { messageKey } from '../model/talk.ts';
import type { StateStore } from '../ports.ts';
import { handedOver } from './messages.ts';

/** What the owner has said and no agent was told yet, for the next request of this one. */
export async function unheard(
  state: Pick<StateStore, 'talk' | 'journal'>,
  project: Pick<Project, 'id' | 'personas'>,
  persona: string,
): Promise<Note[]> {
  const talk = await state.talk(project.id).entries();
  // Nearly every project: its journals are not gone through.
  if (talk.length === 0) return [];
  const told = await handedOver(state, project);
  return talk.flatMap((entry) => {
    if (entry.type !== 'message' || (entry.persona ?? persona) !== persona) return [];
    const key = messageKey(entry.id);
    return told.has(key) ? [] : { key, text: `The owner says: ${plainText(entry.text)}` };
  });
}
