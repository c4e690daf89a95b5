import { redactValue } from '../../lib/text/redact.ts';
import { readCall } from '../agent/tools/call-text.ts';
import type { FactoryEvent } from '../model/event.ts';
import type { StateStore } from '../ports.ts';
import { stepsOf } from './steps.ts';

/** An event of a call gets the arguments that the call was made with, from the journal where they stand. All others stay as they are. */
export async function withArguments(
  state: Pick<StateStore, 'journal'>,
  events: readonly FactoryEvent[],
): Promise<FactoryEvent[]> {
  const known = new Map<string, Promise<ReadonlyMap<string, string>>>();
  return Promise.all(
    events.map(async (event) => {
      const { type, persona, projectId, step, data } = event;
      if (type !== 'tool.ran' || persona === undefined || typeof data?.callId !== 'string') return event;
      const calls = known.get(persona) ?? callsOf(state, projectId, persona);
      known.set(persona, calls);
      const raw = (await calls).get(`${step}/${data.callId}`);
      if (raw === undefined) return event;
      return { ...event, data: { ...data, arguments: redactValue(readCall(raw)) } };
    }),
  );
}

async function callsOf(
  { journal }: Pick<StateStore, 'journal'>,
  projectId: string,
  persona: string,
): Promise<ReadonlyMap<string, string>> {
  const steps = stepsOf(persona, await journal(projectId, persona).entries());
  return new Map(
    steps.flatMap(({ step, calls }) => calls.map(({ call }) => [`${step}/${call.id}`, call.arguments])),
  );
}
