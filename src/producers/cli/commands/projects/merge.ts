import { asShown } from '../../../documents/as-shown.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { jsonText, shortId } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, engine } = await context.services();
  const id = await projectArgument(context, invocation);
  const abort = flagOption(invocation, 'abort');
  const { parent, changed } = abort ? await engine.dropBranches(id) : await engine.mergeBranch(id);
  if (context.json) {
    context.out.raw(jsonText(await asShown(state, parent)));
    return 0;
  }
  const child = await state.project(id).get();
  const name = `${parent.name} (${shortId(parent.id)})`;
  if (abort)
    context.out.line(
      `${name} goes on without a branch of the decision, once they have ended. Their commits are kept.`,
    );
  else if (changed) {
    context.out.line(`${child.workBranch} is merged into ${name} once its gate has passed on the merge.`);
    context.out.line(`See how it went with: ${context.program} status ${shortId(parent.id)}`);
  } else {
    const is = parent.forks.some(({ phase, choice }) => phase === 'merged' && choice?.projectId === id);
    context.out.line(
      `${child.workBranch} is ${is ? '' : 'being '}merged into ${name} already; nothing was changed.`,
    );
  }
  return 0;
}
