import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { tellTask } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const reason = textOption(invocation, 'reason')?.trim();
  const note = reason ? { note: `Skipped by its owner: ${reason.slice(0, 2_000)}` } : {};
  const task = await projects.updateTask(id, requiredArgument(invocation, 1), { status: 'skipped', ...note });
  return tellTask(context, 'Skipped', task);
}
