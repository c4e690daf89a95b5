import * as z from 'zod';
import { moment } from '../../lib/schema.ts';

/** How the newest audit ended. */
export const auditSummary = z.object({
  kind: z.enum(['closing', 'periodic', 'manual']),
  round: z.number().int().positive(),
  at: moment,
  commit: z.string(),
  /** Every task was found done, or skipped by a person. */
  passed: z.boolean(),
  /** Provider that judged. */
  judge: z.string(),
  /** One line per task that was found open. */
  findings: z.array(z.string()),
});

export type AuditSummary = z.infer<typeof auditSummary>;
