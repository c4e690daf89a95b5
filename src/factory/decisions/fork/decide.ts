import * as z from 'zod';
import { confidence } from '../../../lib/schema.ts';
import type { Config } from '../../config/config.ts';
import type { Decision, DecisionOption } from '../../model/agent.ts';

/** Longest question or description. */
const PROSE = 10_000;
/** A label becomes part of a branch name and stands in tables. */
const LABEL = 200;

const optionArgs = z.object({
  label: z.string().trim().min(1).max(LABEL).describe('A short name, different from the other options’.'),
  description: z
    .string()
    .trim()
    .max(PROSE)
    .describe('What would be built, and what speaks for and against it.'),
  confidence: confidence.describe('How sure you are of this option, 0 to 1.'),
  estimated_effort: z.string().trim().min(1).max(100).describe('low, medium or high'),
});

export const decisionArgs = z
  .object({
    question: z.string().trim().min(1).max(PROSE),
    confidence: confidence.describe('How sure you are of the best option over all, 0 to 1.'),
    options: z.array(optionArgs).min(1).max(20),
  })
  .refine(
    (args) => new Set(args.options.map(({ label }) => label.toLowerCase())).size === args.options.length,
    {
      path: ['options'],
      message: 'two options have the same label; every label must be different',
    },
  );

/** A decision as it was proposed, not yet taken. @param callKey makes the id: the same call makes the same decision */
export function proposedDecision(args: z.infer<typeof decisionArgs>, callKey: string): Decision {
  return {
    id: callKey.replace(/[^A-Za-z0-9._-]+/g, '-'),
    question: args.question,
    confidence: args.confidence,
    options: args.options.map(({ label, description, confidence, estimated_effort }) => ({
      label,
      description,
      confidence,
      estimatedEffort: estimated_effort,
    })),
  };
}

export type Choice = { fork: DecisionOption[] } | { continue: DecisionOption; why: string };

/**
 * The specification's §3.2. Sure enough: go on with the best option. Unsure, with at least two viable options: try the best
 * of them side by side. Of options with equal confidence the one named first is the better.
 *
 * @param decision has at least one option
 */
export function decide(decision: Decision, rules: Config['decisions']): Choice {
  const ranked = [...decision.options].sort((a, b) => b.confidence - a.confidence);
  const [best] = ranked;
  if (best === undefined) throw new Error(`The decision ${decision.id} has no options.`);
  if (decision.confidence >= rules.confidenceThreshold) {
    return {
      continue: best,
      why: `The confidence of ${decision.confidence} reaches the threshold of ${rules.confidenceThreshold}.`,
    };
  }
  const viable = ranked.filter((option) => option.confidence > rules.minOptionConfidence);
  if (viable.length < rules.minOptions) {
    const needed = `${rules.minOptions} options with a confidence above ${rules.minOptionConfidence}`;
    return {
      continue: best,
      why: `A fork needs ${needed}, and there ${viable.length === 1 ? 'is' : 'are'} ${viable.length}.`,
    };
  }
  return { fork: viable.slice(0, rules.maxBranches) };
}
