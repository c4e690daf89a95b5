import type { Decision, DecisionOption } from '../../model/agent.ts';
import type { DecisionArgs } from '../../agent/tools/factory-arguments.ts';
import type { Config } from '../../config/config.ts';

/** A decision as it was proposed, not yet taken. @param callKey makes the id: the same call makes the same decision */
export function proposedDecision(args: DecisionArgs, callKey: string): Decision {
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
