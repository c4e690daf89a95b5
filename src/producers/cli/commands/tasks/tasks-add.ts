import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { readTaskOptions, tellTask } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state, projects } = await context.services();
  const id = await state.resolveProject(requiredArgument(invocation));
  const options = await readTaskOptions(context, invocation);
  const task = await projects.addTask(id, { title: requiredArgument(invocation, 1), ...options });
  return tellTask(context, 'Added', task);
}
