import * as z from 'zod';
import { confidence, documentHead, moment } from '../../lib/schema.ts';

/** `addedBy` of a task that a person wrote. */
export const OWNER = 'owner';

/** Red runs of a task that are remembered. */
export const MOST_RED_RUNS = 50;

export const taskStatus = z.enum(['pending', 'in_progress', 'blocked', 'completed', 'skipped']);
export type TaskStatus = z.infer<typeof taskStatus>;

/** A command that must give an exit code before a task counts as done. */
export const criterion = z.object({
  name: z.string().min(1).max(500),
  command: z.string().min(1).max(20_000),
  expectedExitCode: z.number().int().min(0).max(255).default(0),
  /** Taken over from the persona's acceptance criteria, for the task came without any. */
  fromPersona: z.boolean().optional(),
});
export type Criterion = z.infer<typeof criterion>;

/** What the factory itself saw. Never written on a model's word. */
export const evidence = z.object({
  /** A criterion of the task, a gate it was part of, or an audit's verdict (which quotes the judge). */
  kind: z.enum(['criterion', 'gate', 'audit']),
  name: z.string(),
  command: z.string().optional(),
  exitCode: z.number().int().nullable().optional(),
  passed: z.boolean(),
  durationMs: z.number().nonnegative().optional(),
  /** All that the command wrote, also what was too much to keep. */
  outputBytes: z.number().int().nonnegative().optional(),
  /** SHA-256 of the full output, and the file below the project's folder that holds it. */
  outputHash: z.string().optional(),
  outputFile: z.string().optional(),
  commit: z.string(),
  /** What the work is compared with: the commit that the project began from. */
  baseCommit: z.string().optional(),
  sandbox: z.string().optional(),
  at: moment,
  /** `factory` for a command's exit code, the provider's id for a verdict. Missing (older files): the factory. */
  judgedBy: z.string().optional(),
  /** A later commit touched what the task is about, so this says nothing of the present any more. */
  stale: z.boolean().optional(),
  /** The audit that gathered it: taken up after a crash or a wait, an audit replaces what it wrote before. */
  round: z.number().int().positive().optional(),
  note: z.string().optional(),
});
export type Evidence = z.infer<typeof evidence>;

/** How a criterion ended on the code of the base commit, where the work was not done yet. */
const criterionOnBase = z.object({
  name: z.string(),
  command: z.string(),
  expectedExitCode: z.number().int(),
  /** `false`: it passes there as well, so it cannot tell the work from none. `null`: it could not be run there. */
  seenRed: z.boolean().nullable(),
  baseCommit: z.string(),
  at: moment,
});
export type CriterionOnBase = z.infer<typeof criterionOnBase>;

/** The specification's Task (§2.2), and below the line what proof needs. */
export const task = z.object({
  id: z.uuid(),
  title: z.string().min(1).max(500),
  description: z.string().default(''),
  status: taskStatus,
  priority: z.number().int().min(1).max(5),
  dependencies: z.array(z.uuid()).default([]),
  assignedPersona: z.string().optional(),

  createdAt: moment,
  startedAt: moment.optional(),
  completedAt: moment.optional(),

  completionConfidence: confidence.default(0),
  lastVerifiedAt: moment.optional(),
  verificationNotes: z.array(z.string()).default([]),

  // ---
  criteria: z.array(criterion).default([]),
  /** Newest runs last; of each command only the newest few are kept. */
  evidence: z.array(evidence).default([]),
  /** Its own criteria on the base commit, each run there once: when it first passed, at the latest in the closing audit. */
  onBase: z.array(criterionOnBase).optional(),
  /** It came without criteria of its own: what proves it proves the project as a whole, not this task. */
  weaklySpecified: z.boolean().optional(),
  /** The newest runs of its criteria, one after the other, that were red since it was last green. Missing: none. */
  redRuns: z.array(z.string()).optional(),
  /** Who wrote it: `owner`, or the persona whose agent did. Missing: the factory, or an older file. */
  addedBy: z.string().optional(),
  /**
   * Whose word or which rule set it to `blocked`. `dependencies` ends by itself when they are settled, `question` with the answer that
   * its agent asked for.
   */
  blockedBy: z.enum(['dependencies', 'question', 'agent', 'owner', 'factory']).optional(),
  /** Who set it to `skipped`. Only the owner's word settles it for good. */
  skippedBy: z.enum(['agent', 'owner', 'factory']).optional(),
});
export type Task = z.infer<typeof task>;

export const taskList = z.object({
  ...documentHead,
  projectId: z.uuid(),
  tasks: z.array(task).default([]),
  lastAuditedAt: moment.optional(),
  /** What the owner changed by hand and the agent at work must be told; the newest few. */
  ownerNotes: z
    .array(z.object({ id: z.uuid(), at: moment, text: z.string(), taskId: z.uuid().optional() }))
    .optional(),
});
export type TaskList = z.infer<typeof taskList>;
