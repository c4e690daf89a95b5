import * as z from 'zod';
import { sealedBy } from './sealer.ts';

/** One file of the owner's acceptance tests. */
export interface SealedFile {
  /** Relative, with `/`, without `.` and `..`. */
  path: string;
  executable: boolean;
  content: Buffer;
}

/** What an agent may learn of failing sealed checks besides their number. */
const sealedShow = z.enum(['names', 'none']);
export type SealedShow = z.infer<typeof sealedShow>;

/** Acceptance tests that no agent sees, frozen at `df init`. */
export const sealedSettings = z.object({
  command: z.string().min(1),
  show: sealedShow.default('none'),
  files: z.number().int().positive(),
  /** As `fingerprint` makes it: a file that changed or went later is noticed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Missing: the owner's own. */
  by: sealedBy.optional(),
});
export type SealedSettings = z.infer<typeof sealedSettings>;
