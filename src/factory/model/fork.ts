import * as z from 'zod';
import { confidence, milliseconds, moment, usd } from '../../lib/schema.ts';

/** One option of a fork and the project that builds it. */
const forkBranch = z.object({
  /** Id of the child project. Chosen with the plan, so that a fork that was cut off goes on with the same children. */
  projectId: z.uuid(),
  option: z.string(),
  description: z.string(),
  /** As the agent stated it. */
  confidence,
  workBranch: z.string(),
  /** The child's share of the parent's remaining budget in USD. Missing: the parent has no cap. */
  budget: usd.optional(),
  /** The child's share of the parent's remaining active time. */
  maxRuntime: milliseconds,

  // --- Once the fork is over:
  /** USD, what was perhaps billed and the child's own children included. */
  spent: usd.optional(),
  /** Ended `completed`: its gates and its audit passed. */
  proved: z.boolean().optional(),
  /** How it ended and what it found out, for the parent's agent and the report. */
  learnt: z.string().optional(),
});
export type ForkBranch = z.infer<typeof forkBranch>;

/**
 * - `planned`: the children are being made; none of them works yet.
 * - `open`: they are at work.
 * - `judging`: all have ended, evidence and figures are equal, and a judge is asked.
 * - `ready`: all have ended, and the owner merges by hand.
 * - `merging`: one was chosen.
 * - `merged`: the parent has its work.
 * - `handed_over`: it could not be merged without a conflict or a red gate; a task of the parent says so.
 * - `dropped`: none was taken.
 */
export const forkPhase = z.enum([
  'planned',
  'open',
  'judging',
  'ready',
  'merging',
  'merged',
  'handed_over',
  'dropped',
]);
export type ForkPhase = z.infer<typeof forkPhase>;

const forkChoice = z.object({
  projectId: z.uuid(),
  by: z.enum(['evidence', 'figures', 'judge', 'owner']),
  /** One sentence that names what decided. */
  why: z.string(),
});
export type ForkChoice = z.infer<typeof forkChoice>;

/** A decision that is explored by child projects, kept with the parent. */
export const fork = z.object({
  /** The decision's id (`Decision`), unique within the project. */
  decisionId: z.string(),
  /** Whose decision it is. */
  persona: z.string(),
  question: z.string(),
  confidence,
  /** The parent's commit from which the children's branches begin. */
  commit: z.string(),
  at: moment,
  phase: forkPhase,
  branches: z.array(forkBranch).min(1),
  choice: forkChoice.optional(),
  /** Ids of the branches that evidence and figures do not tell apart: one of them is taken. */
  tied: z.array(z.uuid()).optional(),
  /** What the owner asked for: the id of the branch to merge, or none of them. Done once all branches have ended. */
  order: z.union([z.uuid(), z.literal('none')]).optional(),
  /** The merge as a commit of the parent's and the branch's, before the parent's branch stands there. */
  merge: z
    .object({
      commit: z.string(),
      ours: z.string(),
      theirs: z.string(),
      /** Its gate passed and the parent's branch is about to move: the owner cannot take it back any more. */
      landing: z.boolean().optional(),
    })
    .optional(),
  /** Id of the gate's report on it. */
  mergeGate: z.string().optional(),
  /** What it came to, as the parent's agent is told. */
  outcome: z.string().optional(),
  /** The same for people. Missing: ended by an older program, and they are told what the agent was. */
  said: z.string().optional(),
  endedAt: moment.optional(),
});
export type Fork = z.infer<typeof fork>;

const OVER: ReadonlySet<ForkPhase> = new Set(['merged', 'handed_over', 'dropped']);

/** The fork that a project waits for; a project has at most one at a time. */
export function openFork({ forks }: { forks: readonly Fork[] }): Fork | undefined {
  return forks.find(({ phase }) => !OVER.has(phase));
}

/** The project's forks with the one of this decision changed. Returns the same list when the change returns the same fork. */
export function withFork(forks: readonly Fork[], decisionId: string, change: (fork: Fork) => Fork): Fork[] {
  return forks.map((each) => (each.decisionId === decisionId ? change(each) : each));
}
