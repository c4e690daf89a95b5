import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { jsonText, plural, yellow } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { engine } = await context.services();
  const id = await projectArgument(context, invocation);
  const order = { squash: flagOption(invocation, 'squash'), unproved: flagOption(invocation, 'unproved') };
  const answer = await engine.applyBranch(id, order);
  const { branch, from, to, workBranch, squash, leftOut } = answer;
  if (context.json) context.out.raw(jsonText(answer));
  else if (from === to)
    context.out.line(`${branch} holds all of ${workBranch} already; nothing was changed.`);
  else {
    context.out.line(
      `${branch} has the work of ${workBranch}${squash ? ' as one commit' : ''}: ${to.slice(0, 12)}.`,
    );
    context.out.line(`Undo it with: git reset --keep ${from.slice(0, 12)}`);
  }
  if (leftOut > 0)
    context.err.line([
      yellow('warning:'),
      ` ${plural(leftOut, 'commit')} of ${workBranch} came after what was proved and stayed there; --unproved takes all.`,
    ]);
  return 0;
}
