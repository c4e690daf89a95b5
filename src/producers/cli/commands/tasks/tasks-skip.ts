import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { projectAndWords } from '../../framework/project-argument.ts';
import { tellTask } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { projects } = await context.services();
  const { id, words } = await projectAndWords(context, invocation, 'The task');
  const reason = textOption(invocation, 'reason')?.trim();
  const note = reason ? { note: `Skipped by its owner: ${reason.slice(0, 2_000)}` } : {};
  const task = await projects.updateTask(id, words, { status: 'skipped', ...note });
  return tellTask(context, 'Skipped', task);
}
