import * as z from 'zod';
import { confidence, documentHead, moment } from '../../lib/schema.ts';

export const agentStatus = z.enum([
  'idle',
  'thinking',
  'executing',
  'waiting_for_quality',
  'blocked',
  'completed',
]);
export type AgentStatus = z.infer<typeof agentStatus>;

const decisionOption = z.object({
  label: z.string(),
  description: z.string(),
  confidence,
  estimatedEffort: z.string(),
});
export type DecisionOption = z.infer<typeof decisionOption>;

const decision = z.object({
  id: z.string(),
  question: z.string(),
  options: z.array(decisionOption),
  confidence,
  madeAt: moment.optional(),
  selectedOption: z.string().optional(),
  /** Labels of the options that are or were built side by side. Missing: none was. */
  explored: z.array(z.string()).optional(),
});
export type Decision = z.infer<typeof decision>;

/** The specification's AgentState (§2.4) without the messages, which stand in the journal. */
export const agentState = z.object({
  ...documentHead,
  projectId: z.uuid(),
  personaName: z.string().min(1),
  status: agentStatus,
  currentTask: z.string().optional(),
  startedAt: moment.optional(),
  lastActivityAt: moment.optional(),
  /** Active milliseconds of this agent's steps, over all workers and restarts. */
  runtimeMs: z.number().nonnegative().default(0),
  pendingDecisions: z.array(decision).default([]),
  madeDecisions: z.array(decision).default([]),

  // ---
  /** The next step to take, counted from 1. The journal decides when the two differ. */
  nextStep: z.number().int().positive().default(1),
  /** The newest lease in the journal. */
  epoch: z.number().int().nonnegative().default(0),
  /** Who holds that lease while a step runs, so that a dead holder is seen at once on the same machine. */
  holder: z.object({ host: z.string(), pid: z.number().int(), startedAt: z.string() }).optional(),
  /** Number of `finish` claims so far: the round of the gate that is due or was run last. */
  gateRound: z.number().int().nonnegative().default(0),
  /** Those of them that do not count: before the present attempt of the project, or asked for since others had moved the branch. Missing: none. */
  roundsBefore: z.number().int().nonnegative().optional(),
  /** Gates of its claims that were red, one after the other, since the last green one. Missing: none. */
  redGates: z.number().int().positive().optional(),
  /** Red gates up to this round bring no other tier: its owner has chosen a model since. Missing: all count. */
  redGatesAfter: z.number().int().nonnegative().optional(),
  blockedReason: z.string().optional(),
});
export type AgentState = z.infer<typeof agentState>;
