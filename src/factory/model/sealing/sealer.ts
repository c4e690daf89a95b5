import * as z from 'zod';
import { moment } from '../../../lib/schema.ts';
import { effort } from '../money/finance.ts';

/** Whose journal and state a sealing stands in; no persona may have this name. */
export const SEALER = 'factory-sealer';

/** Finished sets of sealed checks that may prove unusable before the project waits for its owner. */
export const MOST_TRIES = 3;

/** What `--seal-with` was given: who writes the sealed checks, and how they are run. */
export const sealWith = z.object({
  persona: z.string().min(1),
  command: z.string().min(1),
  show: z.enum(['names', 'none']).default('none'),
  /** As the persona says. */
  model: z.string().min(1).optional(),
  effort: effort.optional(),
});
export type SealWith = z.infer<typeof sealWith>;

/** Who wrote sealed checks for the project, and what was seen of them on the base commit. */
export const sealedBy = z.object({
  persona: z.string(),
  /** Each provider that took a turn of it, in order. */
  providers: z.array(z.object({ id: z.string(), model: z.string() })),
  at: moment,
  /** Files with tests. `seen red`: something in it fails without the work; `never red`: all of it passes there as well. */
  checks: z.array(z.object({ path: z.string(), outcome: z.enum(['seen red', 'never red', 'unknown']) })),
});
export type SealedBy = z.infer<typeof sealedBy>;

/** The sealed checks of the project are still to be written, and nobody may begin the work before. */
export function awaitsSealing({
  settings,
}: {
  settings: { sealWith?: SealWith | undefined; sealed?: object | undefined };
}): boolean {
  return settings.sealWith !== undefined && settings.sealed === undefined;
}

/** "2 of 3 sealed files have been seen red" */
export function sealedRedText({ checks }: Pick<SealedBy, 'checks'>): string {
  const red = checks.filter(({ outcome }) => outcome === 'seen red').length;
  return `${red} of ${checks.length} ${checks.length === 1 ? 'file of sealed checks has' : 'files of sealed checks have'} been seen red`;
}
