import { ENDED, type Project } from '../../../../factory/model/project.ts';
import type { OwnerOutcome } from '../../../../factory/tasks/list/owner.ts';
import type { Criterion, Task, TaskList } from '../../../../factory/model/task.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption, textOptions } from '../../framework/options.ts';
import { cut, jsonText, shortId } from '../../render/output.ts';
import { parseCommand, parseWhole } from '../../framework/parse.ts';
import { readText } from '../../framework/text-input.ts';

/** The project that a task is changed of. Throws for one that has ended: nobody would work on it any more. */
export async function projectToChange(
  { state }: Pick<Services, 'state'>,
  invocation: Invocation,
): Promise<Project> {
  const project = await state.project(await state.resolveProject(requiredArgument(invocation))).get();
  if (!ENDED.has(project.status)) return project;
  throw new DarkFactoryError(
    'usage',
    'project_ended',
    `The project ${project.name} has ended (${project.status}), so its tasks stay as they are`,
    'Make a new project with df init',
  );
}

/** Options that adding and updating share. Throws usage errors. */
export async function readTaskOptions(context: CommandContext, invocation: Invocation, project: Project) {
  const description = textOption(invocation, 'description');
  const priority = textOption(invocation, 'priority');
  const persona = textOption(invocation, 'persona');
  const dependencies = textOptions(invocation, 'dependsOn');
  const criteria = textOptions(invocation, 'criterion');
  if (persona !== undefined && !project.personas.some(({ templateName }) => templateName === persona)) {
    const names = project.personas.map(({ templateName }) => templateName).join(', ');
    throw new DarkFactoryError(
      'not_found',
      'persona_not_found',
      `The project has no persona ${JSON.stringify(persona)}`,
      `It has: ${names}`,
    );
  }
  return {
    ...(description === undefined
      ? {}
      : { description: await readText('--description', description, context) }),
    ...(priority === undefined ? {} : { priority: parseWhole('--priority', priority, 1, 5) }),
    ...(persona === undefined ? {} : { persona }),
    ...(dependencies.length === 0 ? {} : { dependencies }),
    ...(criteria.length === 0 ? {} : { criteria: criteria.map(asCriterion) }),
  };
}

function asCriterion(text: string): Criterion {
  const command = parseCommand('--criterion', text);
  return { name: command.replace(/\s+/g, ' ').slice(0, 200), command, expectedExitCode: 0 };
}

/**
 * Applies an owner's change to the list, puts it into the audit log, and tells what became of the task.
 *
 * @throws usage `task_refused` or not_found `task_not_found` with the reason; nothing is changed then
 */
export async function changeTasks(
  context: CommandContext,
  services: Services,
  project: Project,
  type: 'task.added' | 'task.updated' | 'task.skipped',
  change: (list: TaskList) => OwnerOutcome,
): Promise<number> {
  let outcome: OwnerOutcome | undefined;
  await services.state.tasks(project.id).update((current) => {
    const made = change(current);
    outcome = made;
    if (!made.ok) throw refused(made.problem);
    return made.value.list;
  });
  if (!outcome?.ok) throw new Error('the task list was updated without an outcome');
  const { task, text } = outcome.value;
  await services.record({
    projectId: project.id,
    type,
    level: 'info',
    message: `The owner: ${text}.`,
    taskId: task.id,
    data: { by: 'owner', status: task.status },
  });
  if (context.json) context.out.raw(jsonText(task));
  else
    context.out.line(
      `${sentenceFor(type)} “${cut(task.title, 100)}” (${shortId(task.id)}): ${statusOf(task)}.`,
    );
  return 0;
}

function refused(problem: string): DarkFactoryError {
  const unknown = /no such task|no tasks yet/.test(problem);
  return new DarkFactoryError(
    unknown ? 'not_found' : 'usage',
    unknown ? 'task_not_found' : 'task_refused',
    `Nothing was changed: ${problem}`,
    'See df tasks <id> for ids and titles',
  );
}

const sentenceFor = (type: string): string =>
  ({ 'task.added': 'Added', 'task.updated': 'Changed', 'task.skipped': 'Skipped' })[type] ?? 'Changed';

function statusOf(task: Task): string {
  const waits = task.blockedBy === 'dependencies' ? ' (waits for others)' : '';
  const weak = task.weaklySpecified ? ', weakly specified: only the gate and the audit can prove it' : '';
  return `${task.status.replace('_', ' ')}${waits}${weak}`;
}
