import * as z from 'zod';
import { moment } from '../../lib/schema.ts';

/**
 * What a project may wait for. `hours`: its work hours; `turn`: a place among the open projects; `project`: the branches of a decision,
 * or another project; `owner`: a word of whoever it belongs to; `worker`: one that lives.
 */
export const waitingFor = z.enum([
  ...(['rate', 'provider', 'key', 'credits', 'budget', 'disk'] as const),
  ...(['hours', 'turn', 'project', 'owner', 'worker'] as const),
]);

/** Two of them had other names once. */
const NAMED_BEFORE: Record<string, z.infer<typeof waitingFor>> = {
  user: 'owner',
  decision: 'project',
};

/** Why a project does not move, for people. */
export const waiting = z.object({
  for: z.preprocess((name) => (typeof name === 'string' ? (NAMED_BEFORE[name] ?? name) : name), waitingFor),
  /** One sentence that names the provider, cap or command concerned. */
  detail: z.string(),
  since: moment,
  /** The earliest moment at which it may go on, where one is known. */
  until: moment.optional(),
  /** Of `budget`: a cap over all projects is too small for its next call, whatever was spent. Its owner is asked, and it is looked at again then. */
  tooSmall: z.literal(true).optional(),
  /** The question of an agent that it waits for: an answer lets it go on. */
  question: z.uuid().optional(),
  /** Projects that it was to come after, and that ended without success: it goes on when they live on. */
  after: z.array(z.uuid()).optional(),
});

export type Waiting = z.infer<typeof waiting>;
