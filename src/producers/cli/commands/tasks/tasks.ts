import type { Evidence, Task, TaskList } from '../../../../factory/model/task.ts';
import { countTasks } from '../../../../factory/tasks/list/count.ts';
import { neverRed, onBase, seenRedText } from '../../../../factory/tasks/proof/on-base.ts';
import { newestEvidence } from '../../../../factory/tasks/proof/runs.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { Invocation } from '../../framework/options.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { cut, dim, green, jsonText, plural, red, shortId, type Text, yellow } from '../../render/output.ts';
import { statusText } from '../../render/status-text.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { state } = await context.services();
  const id = await projectArgument(context, invocation);
  const list = await state.tasks(id).get();
  if (context.json) {
    context.out.raw(jsonText(list));
    return 0;
  }
  const { out } = context;
  if (list.tasks.length === 0) {
    out.line('There are no tasks yet: the first persona makes the list.');
    return 0;
  }
  for (const task of inOrder(list)) showTask(context, task, list);
  const { total, completed } = countTasks(list);
  const seenRed = seenRedText(list.tasks);
  out.line(
    dim(`${completed} of ${plural(total, 'task')} completed${seenRed === null ? '' : `; ${seenRed}`}`),
  );
  return 0;
}

/** Open ones by priority, settled ones after them. */
function inOrder({ tasks }: TaskList): Task[] {
  const settled = (task: Task) => (task.status === 'completed' || task.status === 'skipped' ? 1 : 0);
  return [...tasks].sort((a, b) => settled(a) - settled(b) || a.priority - b.priority);
}

function showTask({ out }: CommandContext, task: Task, list: TaskList): void {
  const facts = [
    `priority ${task.priority}`,
    ...(task.assignedPersona === undefined ? [] : [task.assignedPersona]),
    `confidence ${task.completionConfidence.toFixed(2)}`,
    ...(task.weaklySpecified ? ['weakly specified'] : []),
  ];
  out.line([
    statusText(task.status),
    `  ${cut(task.title, 120)}  `,
    dim(`${shortId(task.id)}, ${facts.join(', ')}`),
  ]);
  const waitsFor = task.dependencies
    .map((id) => list.tasks.find((each) => each.id === id))
    .filter((each) => each !== undefined && each.status !== 'completed' && each.status !== 'skipped');
  if (waitsFor.length > 0)
    out.line(`    waits for: ${waitsFor.map((each) => cut(each?.title ?? '', 60)).join('; ')}`);
  for (const each of newestEvidence(task.evidence)) out.line(['    ', ...evidenceLine(each)]);
  for (const each of neverRed(task))
    out.line([
      '    ',
      yellow('never red'),
      `  ${cut(each.name, 60)}: it passes on the base commit as well  `,
      dim(`at ${onBase(task, each)?.baseCommit.slice(0, 12) ?? ''}`),
    ]);
  for (const criterion of task.criteria) {
    if (!task.evidence.some((each) => each.name === criterion.name)) {
      out.line(['    ', dim('not run yet  '), `${cut(criterion.name, 60)}: ${cut(criterion.command, 100)}`]);
    }
  }
  const note = task.verificationNotes.at(-1);
  if (note !== undefined) out.line(['    ', dim('note  '), `“${cut(note, 160)}”`]);
}

function evidenceLine(evidence: Evidence): Text[] {
  const outcome = evidence.stale ? dim('stale ') : evidence.passed ? green('passed') : red('failed');
  const command = evidence.command === undefined ? cut(evidence.note ?? '', 120) : cut(evidence.command, 100);
  const exit =
    evidence.exitCode === undefined || evidence.exitCode === null ? '' : `exit ${evidence.exitCode}, `;
  return [
    outcome,
    `  ${evidence.kind} ${cut(evidence.name, 60)}: ${command}  `,
    dim(`${exit}at ${evidence.commit.slice(0, 12)}`),
  ];
}
