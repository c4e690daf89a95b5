import { asShown } from '../../../documents/as-shown.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { jsonText, shortId } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, engine } = await context.services();
  const id = await projectArgument(context, invocation);
  const { project, changed } = await engine.pauseProject(id);
  if (context.json) context.out.raw(jsonText(await asShown(state, project)));
  else {
    context.out.line(
      changed
        ? `Paused ${project.name} (${shortId(id)}). A step that is under way ends first.`
        : `${project.name} (${shortId(id)}) is paused already.`,
    );
    context.out.line(`Go on with: ${context.program} resume ${shortId(id)}`);
  }
  return 0;
}
