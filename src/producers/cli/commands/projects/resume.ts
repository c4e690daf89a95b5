import { asShown } from '../../../documents/as-shown.ts';
import type { CommandContext } from '../../framework/context.ts';
import { resumeAll, wantsAll } from '../../framework/halt.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseUsd } from '../../framework/parse.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { formatUsd, jsonText, shortId } from '../../render/output.ts';
import { warnWithoutWorkers } from '../machine/worker-count.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  if (wantsAll(invocation, 'resume')) return resumeAll(context);
  const text = textOption(invocation, 'budget');
  const budget = text === undefined ? undefined : parseUsd('--budget', text);
  const { state, engine } = await context.services();
  const id = await projectArgument(context, invocation);
  const { waiting } = await state.project(id).get();
  const { project, changed } = await engine.resumeProject(id, budget === undefined ? {} : { budget });
  if (context.json) context.out.raw(jsonText(await asShown(state, project)));
  else {
    const cap = budget === undefined ? '' : ` with a spending cap of ${formatUsd(budget)}`;
    context.out.line(
      changed
        ? `${project.name} (${shortId(id)}) goes on${cap}.`
        : `${project.name} (${shortId(id)}) is ${project.status} already; nothing was changed.`,
    );
  }
  if (changed && waiting?.question !== undefined)
    context.err.line(
      `It asked you something, and without an answer it soon waits again: see ${context.program} questions ${shortId(id)}`,
    );
  await warnWithoutWorkers(context);
  return 0;
}
