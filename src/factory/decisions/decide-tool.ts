import type { DecisionArgs } from '../agent/tools/factory-tools.ts';
import type { CallInfo, ToolOutcome } from '../agent/tools/tool.ts';
import type { Config } from '../config.ts';
import { recordDecision, type WorkContext, type WorkHands } from '../project/work-tools.ts';
import { decide, proposedDecision } from './decide.ts';

/**
 * `propose_decision`: decides by the specification's §3.2 and records the decision with the agent. Where the rule would fork
 * the project, the best option is taken and the answer says so.
 */
export async function decideTool(
  hands: WorkHands,
  context: WorkContext,
  rules: Config['decisions'],
  args: DecisionArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  const decision = proposedDecision(args, call.key);
  const choice = decide(decision, rules);
  const [option, why] =
    'continue' in choice
      ? [choice.continue, choice.why]
      : [
          choice.fork[0],
          'The options are close, but no further branches can be opened: the best one is taken.',
        ];
  if (option === undefined) throw new Error(`The decision ${decision.id} has no options.`);
  await call.check();
  return recordDecision(
    hands,
    context,
    { ...decision, selectedOption: option.label, madeAt: hands.now() },
    why,
  );
}
