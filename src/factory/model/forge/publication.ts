import * as z from 'zod';
import { moment } from '../../../lib/schema.ts';

/** Where a project's work can be read at a forge. */
const publication = z.object({
  /** Id of the forge. */
  forge: z.string(),
  /** The remote that it was pushed to, and that the next commits go to. Missing: an older program did not note it. */
  remote: z.string().optional(),
  /** Shown as a link. */
  url: z.url({ protocol: /^https?$/ }),
  number: z.number().int().positive(),
  branch: z.string(),
  commit: z.string(),
  draft: z.boolean(),
  /** All is proved of this commit. */
  proved: z.boolean(),
  /** Its checks are to be watched. */
  watch: z.boolean().default(false),
  /** Who has said whether they are. Missing: nobody has, or an older program did not note it. */
  watchBy: z.enum(['owner', 'settings']).optional(),
  at: moment,
});
export type Publication = z.infer<typeof publication>;

/** What came of watching the checks of a publication. */
const watching = z.object({
  /** The commit that is watched. */
  commit: z.string(),
  since: moment,
  /** `over`: it is watched no more, and `reason` says why. */
  state: z.enum(['pending', 'passed', 'failed', 'over']),
  reason: z.string().optional(),
  /** Attempts that red checks and comments have begun. */
  rounds: z.number().int().nonnegative().default(0),
  /** As they were found last. */
  checks: z
    .array(z.object({ name: z.string(), state: z.enum(['pending', 'passed', 'failed', 'withheld']) }))
    .default([]),
  /** Comments and red checks that were handed on. */
  heard: z.array(z.string()).default([]),
  /** The commit that branch and base had in common when it was first looked at. */
  fork: z.string().optional(),
});
export type Watching = z.infer<typeof watching>;

/** What a project's document holds of it. */
export const publicationFields = {
  publication: publication.optional(),
  watching: watching.optional(),
  /** It is to be published, as the settings say, and was not yet. */
  toPublish: z.object({ draft: z.boolean(), watch: z.boolean(), since: moment }).optional(),
  /** Why it was not, and will not be before its owner asks for it. */
  unpublished: z.object({ reason: z.string(), at: moment }).optional(),
};

/** What the settings say of publishing and watching by itself. */
export interface PublishSettings {
  auto: 'off' | 'draft' | 'ready';
  watch: boolean;
}

/** Whether watching is still wanted: what the settings asked for ends with them, what its owner asked for does not. */
export function isWatchWanted(
  { watch, watchBy }: Pick<Publication, 'watch' | 'watchBy'>,
  settings: PublishSettings,
): boolean {
  return watch && (watchBy === 'owner' || (settings.auto !== 'off' && settings.watch));
}

/** Whether the checks of a published project are still to be looked at. */
export function isWatched({
  publication,
  watching,
}: {
  publication?: Publication | undefined;
  watching?: Watching | undefined;
}): boolean {
  if (publication?.watch !== true) return false;
  return watching?.state !== 'over' || watching.commit !== publication.commit;
}
