import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectAndWords } from '../../framework/project-argument.ts';
import { readTaskOptions, tellTask } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { projects } = await context.services();
  const { id, words } = await projectAndWords(context, invocation, 'The title');
  const options = await readTaskOptions(context, invocation);
  const task = await projects.addTask(id, { title: words, ...options });
  return tellTask(context, 'Added', task);
}
