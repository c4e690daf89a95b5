import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { dim, formatMoment, jsonText, yellow } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { projects } = await context.services();
  const messages = await projects.getMessages(await projectArgument(context, invocation));
  if (context.json) context.out.raw(jsonText(messages));
  else if (messages.length === 0) context.out.line('Nothing was said yet.');
  else
    for (const { from, sentAt, persona, text, deliveredAt, step } of messages) {
      const receipt =
        deliveredAt === undefined
          ? yellow('waits for the next request')
          : dim(`told in step ${step}, ${formatMoment(deliveredAt)}`);
      const whom = persona === undefined ? '' : ` to ${persona}`;
      context.out.line([dim(formatMoment(sentAt)), `  ${from}${whom}  `, receipt]);
      for (const line of text.split('\n')) context.out.line(`    ${line}`);
    }
  return 0;
}
