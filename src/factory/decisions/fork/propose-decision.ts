import type { DecisionArgs } from '../../agent/tools/factory-arguments.ts';
import type { CallInfo, ToolOutcome } from '../../agent/tools/tool.ts';
import type { Decision, DecisionOption } from '../../model/agent.ts';
import type { Config } from '../../config/config.ts';
import {
  commitWork,
  recordDecision,
  type WorkContext,
  type WorkHands,
} from '../../agent/tools/work.ts';
import { decide, proposedDecision } from './decide.ts';
import { type ReserveHands, reserveFork } from './reserve-fork.ts';

/**
 * `propose_decision`: decides by the specification's §3.2. Where the options are to be explored, the work so far is committed,
 * the decision is put down as pending, and the step ends; the fork itself is the next job. Where the limits of the tree are
 * reached, the best option is taken. Calling it again under one key changes nothing.
 *
 * @throws SecretsFound when the work so far may not be committed
 */
export async function decideTool(
  hands: WorkHands & ReserveHands,
  context: WorkContext,
  rules: Config['decisions'],
  args: DecisionArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  const decision = proposedDecision(args, call.key);
  const choice = decide(decision, rules);
  await call.check();
  if ('continue' in choice) return take(hands, context, decision, choice.continue, choice.why);
  const { fork } = choice;
  // First: a commit that is held back for keys in it must not take places that are never used.
  await commitWork(hands, context.project, `Work before a decision\n\n${decision.question}`, call);
  const refused = await reserveFork(hands, context.project, decision.id, fork.length, rules);
  if (refused !== null) return take(hands, context, decision, fork[0], refused);
  const explored = fork.map(({ label }) => label);
  await hands.state
    .agent(context.project.id, context.persona)
    .update((agent) =>
      agent.pendingDecisions.some(({ id }) => id === decision.id)
        ? agent
        : { ...agent, pendingDecisions: [...agent.pendingDecisions, { ...decision, explored }] },
    );
  const labels = explored.map((label) => `"${label}"`).join(' and ');
  await context.record('decision.proposed', `"${decision.question}": ${labels} will be built side by side.`);
  return {
    output: `The project is forked here: ${labels} are built side by side, each on a branch of its own, and compared.`,
    isError: false,
    effect: 'fork',
  };
}

function take(
  hands: WorkHands,
  context: WorkContext,
  decision: Decision,
  option: DecisionOption | undefined,
  why: string,
): Promise<ToolOutcome> {
  if (option === undefined) throw new Error(`The decision ${decision.id} has no options.`);
  const made = { ...decision, selectedOption: option.label, madeAt: hands.now() };
  return recordDecision(hands, context, made, why);
}
