import * as z from 'zod';
import { moment } from '../../lib/schema.ts';

export const severity = z.enum(['critical', 'major', 'minor']);
export type Severity = z.infer<typeof severity>;

/** What shows a fault: a command that ends with this exit code where the fault is, and not where it is not. */
export const repro = z.object({
  command: z.string().min(1),
  exitCode: z.number().int(),
  /** New files, for the tree alone in which the factory runs it. */
  files: z.array(z.object({ path: z.string(), content: z.string() })).optional(),
});
export type Repro = z.infer<typeof repro>;

/** One run of a repro by the factory. */
const reproRun = z.object({
  on: z.enum(['head', 'base']),
  exitCode: z.number().nullable(),
  /** Whether the command ended by itself, or which limit ended it. */
  ended: z.enum(['exit', 'timeout', 'aborted', 'memory', 'processes', 'disk']),
  /** With head and tail of the output, relative to the project's folder. */
  outputFile: z.string(),
});
export type ReproRun = z.infer<typeof reproRun>;

/** `rejected`: it is no finding about this change, or its repro shows that there is no fault, or no new one. */
const reviewVerdict = z.enum(['confirmed', 'not_confirmed', 'rejected']);
export type ReviewVerdict = z.infer<typeof reviewVerdict>;

const judged = {
  /** `<finder>-<number>`. */
  id: z.string(),
  finder: z.string(),
  /** Provider that said it. */
  by: z.string(),
  round: z.number().int().positive(),
  verdict: reviewVerdict,
  confirmed: z.boolean(),
  /** Why the verdict is what it is: one sentence for people. */
  why: z.string(),
};

const reviewFinding = z.object({
  ...judged,
  file: z.string(),
  line: z.number().int().positive(),
  severity,
  claim: z.string(),
  harm: z.string(),
  repro: repro.optional(),
  runs: z.array(reproRun).default([]),
});
export type ReviewFinding = z.infer<typeof reviewFinding>;

/** What has not the form of a finding: the words as they came. */
const malformedFinding = z.object({
  ...judged,
  verdict: z.literal('rejected'),
  confirmed: z.literal(false),
  said: z.string(),
});
export type MalformedFinding = z.infer<typeof malformedFinding>;

export type JudgedFinding = ReviewFinding | MalformedFinding;

export const hasForm = (finding: JudgedFinding): finding is ReviewFinding => !('said' in finding);

const finderState = z.object({
  name: z.string(),
  /** `silent`: no answer that could be read. `unpaid`: it could not be paid to its end. */
  state: z.enum(['answered', 'silent', 'unpaid']),
  /** Provider that answered. */
  by: z.string().optional(),
  why: z.string().optional(),
});
export type FinderState = z.infer<typeof finderState>;

/** What a review came to. It stands in the auditor's journal. */
export const reviewReport = z.object({
  base: z.string(),
  head: z.string(),
  at: moment,
  rounds: z.number().int().positive(),
  finders: z.array(finderState),
  findings: z.array(z.union([reviewFinding, malformedFinding])),
});
export type ReviewReport = z.infer<typeof reviewReport>;

const reviewCounts = z.object({
  confirmed: z.number().int().nonnegative(),
  notConfirmed: z.number().int().nonnegative(),
  rejected: z.number().int().nonnegative(),
  /** Of the confirmed ones. */
  critical: z.number().int().nonnegative(),
});
export type ReviewCounts = z.infer<typeof reviewCounts>;

/** Of a project that only reviews: what, and what came of it. Its repository is a copy of the two commits alone. */
export const reviewOrder = z.object({
  /** As its owner said it. */
  of: z.string(),
  /** The owner's repository, which nothing of the review touches. */
  source: z.string(),
  head: z.string(),
  /** Provider that wrote the change, where a project of this home made it. */
  author: z.string().optional(),
  /** Where the head is the branch of a pull request. */
  outcome: reviewCounts.optional(),
});
export type ReviewOrder = z.infer<typeof reviewOrder>;
