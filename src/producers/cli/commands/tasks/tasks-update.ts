import { updateByOwner } from '../../../../factory/tasks/list/owner.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import { newUuid } from '../../../../lib/ids.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import { titleOf } from './tasks-add.ts';
import { changeTasks, projectToChange, readTaskOptions } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const project = await projectToChange(services, invocation);
  const title = textOption(invocation, 'title');
  const note = textOption(invocation, 'note')?.trim();
  const change = {
    ...(await readTaskOptions(context, invocation, project)),
    ...(title === undefined ? {} : { title: titleOf(title) }),
    ...statusOption(textOption(invocation, 'status')),
    ...(note ? { note: note.slice(0, 10_000) } : {}),
  };
  if (Object.keys(change).length === 0) {
    throw new DarkFactoryError(
      'usage',
      'nothing_to_change',
      'It is not said what to change',
      'See df tasks update --help',
    );
  }
  const frame = { now: services.clock.now(), id: newUuid() };
  return changeTasks(context, services, project, 'task.updated', (list) =>
    updateByOwner(list, requiredArgument(invocation, 1), change, frame),
  );
}

function statusOption(text: string | undefined) {
  if (text === undefined) return {};
  if (text === 'completed') {
    throw new DarkFactoryError(
      'usage',
      'completed_needs_proof',
      "No task is completed by anybody's word, not even its owner's",
      'Have it judged with df audit, or take it off the list with df tasks skip',
    );
  }
  return { status: parseChoice('--status', text, ['pending', 'in_progress', 'blocked']) };
}
