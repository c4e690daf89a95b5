import * as z from 'zod';
import { moment } from '../../lib/schema.ts';

/** Where a project's work can be read at a forge. */
const publication = z.object({
  /** Id of the forge. */
  forge: z.string(),
  /** Shown as a link. */
  url: z.url({ protocol: /^https?$/ }),
  number: z.number().int().positive(),
  branch: z.string(),
  commit: z.string(),
  draft: z.boolean(),
  /** All is proved of this commit. */
  proved: z.boolean(),
  /** Its checks are to be watched, by a word of the owner. */
  watch: z.boolean().default(false),
  at: moment,
});
export type Publication = z.infer<typeof publication>;

/** What a project's document holds of it. */
export const publicationFields = {
  publication: publication.optional(),
  /** It is to be published, as the settings say, and was not yet. */
  toPublish: z.object({ draft: z.boolean(), watch: z.boolean(), since: moment }).optional(),
  /** Why it was not, and will not be before its owner asks for it. */
  unpublished: z.object({ reason: z.string(), at: moment }).optional(),
};
