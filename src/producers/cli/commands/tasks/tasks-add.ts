import { criteriaOfPersona } from '../../../../factory/tasks/proof/criteria.ts';
import { addByOwner } from '../../../../factory/tasks/list/owner.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import { newUuid } from '../../../../lib/ids.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { changeTasks, projectToChange, readTaskOptions } from './tasks-change.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const project = await projectToChange(services, invocation);
  const title = titleOf(requiredArgument(invocation, 1));
  const options = await readTaskOptions(context, invocation, project);
  const persona = options.persona ?? project.personas[0]?.templateName ?? '';
  const personaCriteria = criteriaOfPersona(await services.desk.checks(project, persona));
  const frame = { now: services.clock.now(), id: newUuid(), personaCriteria };
  return changeTasks(context, services, project, 'task.added', (list) =>
    addByOwner(list, { title, ...options }, frame),
  );
}

/** One line of at most 500 characters. */
export function titleOf(text: string): string {
  const title = text.replace(/\s+/g, ' ').trim();
  if (title !== '' && title.length <= 500) return title;
  throw new DarkFactoryError(
    'usage',
    'invalid_title',
    `The title of the task is ${title === '' ? 'empty' : 'longer than 500 characters'}`,
    'Give a short one, and the rest with --description',
  );
}
