/** Jobs that a newer program enqueued, met by a worker of an older one. */
import { unknownEntry } from '../lib/unknown-entries.ts';
import { catalogue, type Payload, type QueueName } from '../queues/jobs/catalogue.ts';

/** Soon again: the next worker that looks may be of the version that knows it. In milliseconds. */
export const PUT_BACK_MS = 15_000;
/** A job that no worker has understood for this long is nobody's. */
export const NOBODYS_MS = 24 * 60 * 60 * 1_000;

export type ReadPayload<Name extends QueueName> =
  | { ok: true; payload: Payload<Name> }
  | { ok: false; problem: string };

/** What this program does not know of a job might be what matters, so one with an unknown entry is not worked either. */
export function readPayload<Name extends QueueName>(name: Name, data: unknown): ReadPayload<Name> {
  const parsed = catalogue[name].payload.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, problem: `${issue?.path.join('.') || 'job'}: ${issue?.message ?? 'is not valid'}` };
  }
  const unknown = unknownEntry(data, parsed.data);
  if (unknown !== null) return { ok: false, problem: `${unknown}: is not known here` };
  return { ok: true, payload: parsed.data as Payload<Name> };
}
