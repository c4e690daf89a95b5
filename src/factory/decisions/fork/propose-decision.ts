import { defineTool, said, type ToolOutcome } from '../../agent/tools/tool.ts';
import { commitWork, unlessHeld, type WorkContext } from '../../agent/tools/work.ts';
import type { Config } from '../../config/config.ts';
import type { Decision, DecisionOption } from '../../model/agent.ts';
import type { StateStore } from '../../ports.ts';
import { decide, decisionArgs, proposedDecision } from './decide.ts';
import { reserveFork } from './reserve-fork.ts';

/** What is needed besides to decide. */
export interface DecisionContext extends WorkContext {
  state: Pick<StateStore, 'agent' | 'project'>;
  decisions: Config['decisions'];
}

/**
 * Decides by the specification's §3.2. Where the options are to be explored, the work so far is committed, the decision is put
 * down as pending, and the step ends; the fork itself is the next job. Where the limits of the tree are reached, the best option
 * is taken. Calling it again under one key changes nothing.
 */
export const proposeDecision = unlessHeld(
  defineTool<typeof decisionArgs, DecisionContext>({
    name: 'propose_decision',
    description:
      'Puts a decision with lasting consequences before the factory when you are unsure. With low confidence and at ' +
      'least two good options the project is forked and the options are built side by side; otherwise you are told ' +
      'which option to go on with. Confidences are numbers from 0 to 1.',
    args: decisionArgs,
    onResume: 'again',
    async run(args, context, call) {
      const { project, persona, state, decisions: rules } = context;
      const decision = proposedDecision(args, call.key);
      const choice = decide(decision, rules);
      await call.check();
      if ('continue' in choice) return take(context, decision, choice.continue, choice.why);
      const { fork } = choice;
      // First: a commit that is held back for keys in it must not take places that are never used.
      await commitWork(context, project, `Work before a decision\n\n${decision.question}`, call);
      const refused = await reserveFork(context, project, decision.id, fork.length, rules);
      if (refused !== null) return take(context, decision, fork[0], refused);
      const explored = fork.map(({ label }) => label);
      await state
        .agent(project.id, persona)
        .update((agent) =>
          agent.pendingDecisions.some(({ id }) => id === decision.id)
            ? agent
            : { ...agent, pendingDecisions: [...agent.pendingDecisions, { ...decision, explored }] },
        );
      const labels = explored.map((label) => `"${label}"`).join(' and ');
      const message = `"${decision.question}": ${labels} will be built side by side.`;
      await context.record({ type: 'decision.proposed', message });
      return {
        output: `The project is forked here: ${labels} are built side by side, each on a branch of its own, and compared.`,
        isError: false,
        effect: 'fork',
      };
    },
  }),
);

/** Records the decision and what it comes to. */
async function take(
  { project, persona, state, now, record }: DecisionContext,
  decision: Decision,
  option: DecisionOption | undefined,
  why: string,
): Promise<ToolOutcome> {
  if (option === undefined) throw new Error(`The decision ${decision.id} has no options.`);
  const { label } = option;
  const made = { ...decision, selectedOption: label, madeAt: now() };
  await state
    .agent(project.id, persona)
    .update((agent) =>
      agent.madeDecisions.some((each) => each.id === made.id)
        ? agent
        : { ...agent, madeDecisions: [...agent.madeDecisions, made] },
    );
  await record({ type: 'decision.made', message: `"${decision.question}": ${label}. ${why}` });
  return said(`Go on with "${label}". ${why}`);
}
