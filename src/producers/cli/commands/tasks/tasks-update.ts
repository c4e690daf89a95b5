import { completedNeedsProof } from '../../../../factory/managers/task-order.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { projectAndWords } from '../../framework/project-argument.ts';
import { readTaskOptions, tellTask } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { projects } = await context.services();
  const { id, words } = await projectAndWords(context, invocation, 'The task');
  const title = textOption(invocation, 'title');
  const note = textOption(invocation, 'note')?.trim();
  const task = await projects.updateTask(id, words, {
    ...(await readTaskOptions(context, invocation)),
    ...(title === undefined ? {} : { title }),
    ...statusOption(textOption(invocation, 'status')),
    ...(note ? { note: note.slice(0, 10_000) } : {}),
  });
  return tellTask(context, 'Changed', task);
}

function statusOption(text: string | undefined) {
  if (text === undefined) return {};
  if (text === 'completed') throw completedNeedsProof();
  return { status: parseChoice('--status', text, ['pending', 'in_progress', 'blocked']) };
}
