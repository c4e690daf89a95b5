import type { Criterion, Task } from '../../../../factory/model/task.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption, textOptions } from '../../framework/options.ts';
import { parseCommand, parseWhole } from '../../framework/parse.ts';
import { readText } from '../../framework/text-input.ts';
import { cut, jsonText, shortId } from '../../render/output.ts';

/** Options that adding and updating share. Throws usage errors. */
export async function readTaskOptions(context: CommandContext, invocation: Invocation) {
  const description = textOption(invocation, 'description');
  const priority = textOption(invocation, 'priority');
  const assignedPersona = textOption(invocation, 'persona');
  const dependencies = textOptions(invocation, 'dependsOn');
  const criteria = textOptions(invocation, 'criterion');
  return {
    ...(description === undefined
      ? {}
      : { description: await readText('--description', description, context) }),
    ...(priority === undefined ? {} : { priority: parseWhole('--priority', priority, 1, 5) }),
    ...(assignedPersona === undefined ? {} : { assignedPersona }),
    ...(dependencies.length === 0 ? {} : { dependencies }),
    ...(criteria.length === 0 ? {} : { criteria: criteria.map(asCriterion) }),
  };
}

function asCriterion(text: string): Criterion {
  const command = parseCommand('--criterion', text);
  return { name: command.replace(/\s+/g, ' ').slice(0, 200), command, expectedExitCode: 0 };
}

/** Tells what became of a task. */
export function tellTask(
  { out, json }: CommandContext,
  done: 'Added' | 'Changed' | 'Skipped',
  task: Task,
): number {
  if (json) out.raw(jsonText(task));
  else out.line(`${done} “${cut(task.title, 100)}” (${shortId(task.id)}): ${statusOf(task)}.`);
  return 0;
}

function statusOf(task: Task): string {
  const waits = task.blockedBy === 'dependencies' ? ' (waits for others)' : '';
  const weak = task.weaklySpecified ? ', weakly specified: only the gate and the audit can prove it' : '';
  return `${task.status.replace('_', ' ')}${waits}${weak}`;
}
