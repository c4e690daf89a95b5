import { updateByOwner } from '../../../../factory/tasks/list/owner.ts';
import { newUuid } from '../../../../lib/ids.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { changeTasks, projectToChange } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const project = await projectToChange(services, invocation);
  const reason = textOption(invocation, 'reason')?.trim();
  const note = reason ? { note: `Skipped by its owner: ${reason.slice(0, 2_000)}` } : {};
  const frame = { now: services.clock.now(), id: newUuid() };
  return changeTasks(context, services, project, 'task.skipped', (list) =>
    updateByOwner(list, requiredArgument(invocation, 1), { status: 'skipped', ...note }, frame),
  );
}
