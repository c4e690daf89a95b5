import { z } from 'zod';
import { moment } from '../../lib/schema.ts';

export const checkResult = z.object({
  name: z.string(),
  passed: z.boolean(),
  /** Head and tail of both streams; the whole stands in `outputFile`. */
  output: z.string(),
  required: z.boolean(),

  // ---
  command: z.string().optional(),
  exitCode: z.number().int().nullable().optional(),
  durationMs: z.number().nonnegative().optional(),
  outputHash: z.string().optional(),
  outputFile: z.string().optional(),
  /** It failed on the base commit too. */
  knownFailure: z.boolean().default(false),
  /** Where the command comes from: `settings`, `persona`, or the file that it was found in. */
  source: z.string().optional(),
});
export type CheckResult = z.infer<typeof checkResult>;

/** The specification's QualityReport (§3.4): one run of one persona's acceptance criteria. */
export const qualityReport = z.object({
  schemaVersion: z.literal(1).default(1),
  passed: z.boolean(),
  checks: z.array(checkResult),
  timestamp: moment,

  // ---
  id: z.string(),
  projectId: z.uuid(),
  persona: z.string(),
  /** `baseline`: on the base commit before the first step. `finish`: a persona claims to be done. `manual`: `df gate`. */
  kind: z.enum(['baseline', 'finish', 'manual']),
  round: z.number().int().nonnegative(),
  commit: z.string(),
  sandbox: z.string(),
  /** Gate definitions (scripts, test and lint configuration, .npmrc) that differ from the base commit. */
  changedDefinitions: z.array(z.string()).default([]),
  /** Those of them that may differ. `task`: the agent's own task named it, and what ran came from the base commit. */
  allowedChanges: z.array(z.object({ path: z.string(), by: z.enum(['owner', 'task']) })).default([]),
  /** Why the gate does not pass although its commands might have; one sentence or two each. */
  objections: z.array(z.string()).default([]),
  durationMs: z.number().nonnegative().default(0),
});
export type QualityReport = z.infer<typeof qualityReport>;
