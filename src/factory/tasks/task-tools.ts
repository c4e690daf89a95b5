import { uuidFrom } from '../../lib/ids.ts';
import type { AddTasksArgs, UpdateTaskArgs } from '../agent/tools/factory-tools.ts';
import { type CallInfo, failed, said, type ToolOutcome } from '../agent/tools/tool.ts';
import type { GateCheck } from '../gates/checks.ts';
import { type GateHands, runCriterion } from '../gates/run-gate.ts';
import type { StateStore } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { addTasks, findTask, type NewTask, setStatus, settleClaim, withTask } from './rules.ts';
import type { Evidence, Task, TaskList } from './task.ts';

export interface TaskToolHands extends GateHands {
  state: Pick<StateStore, 'newOutput' | 'tasks'>;
}

export interface TaskToolContext {
  project: Project;
  persona: string;
  /** What stands in for the criteria of a task that has none. */
  gateChecks: readonly GateCheck[];
  commandTimeoutMs: number;
  /** Commits everything; the hash of HEAD afterwards. */
  commit(message: string, call: CallInfo, taskId: string): Promise<string>;
  /** What was added or settled, for the audit log. */
  record(type: string, message: string, taskId: string): Promise<void>;
}

/** `add_tasks`: ids come from the call's key, so a repeated call adds nothing twice. */
export async function addTasksTool(
  { state, now }: TaskToolHands,
  { project, persona }: TaskToolContext,
  args: AddTasksArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  const ids = args.tasks.map((_, index) => uuidFrom(`${project.id}/${call.key}/${index}`));
  await call.check();
  let problem: string | null = null;
  const list = await state.tasks(project.id).update((current) => {
    problem = null;
    if (current.tasks.some((task) => task.id === ids[0])) return current;
    const outcome = addTasks(current, args.tasks.map(toNewTask), { now: now(), ids, persona });
    if (outcome.ok) return outcome.value;
    problem = outcome.problem;
    return current;
  });
  if (problem !== null) return failed(`Nothing was added. ${problem}`);
  const added = list.tasks.filter((task) => ids.includes(task.id));
  return said(
    JSON.stringify({ added: added.map(({ id, title, dependencies }) => ({ id, title, dependencies })) }),
  );
}

function toNewTask(wanted: AddTasksArgs['tasks'][number]): NewTask {
  const { title, description, priority, dependencies, criteria } = wanted;
  return {
    title,
    description,
    ...(priority === undefined ? {} : { priority }),
    ...(dependencies === undefined ? {} : { dependencies }),
    criteria: (criteria ?? []).map(({ name, command, expected_exit_code }) => ({
      name,
      command,
      expectedExitCode: expected_exit_code ?? 0,
    })),
  };
}

/** `update_task`: any status but `completed` is set; `completed` is a claim that the factory settles by running commands. */
export async function updateTaskTool(
  hands: TaskToolHands,
  context: TaskToolContext,
  args: UpdateTaskArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  const { state } = hands;
  const list = await state.tasks(context.project.id).get();
  const found = findTask(list.tasks, args.id);
  if (!found.ok) return failed(`No task was changed: ${found.problem}`);
  const task = found.value;
  if (args.status === 'completed') return settle(hands, context, task, args.note, call);
  const status = args.status;
  await call.check();
  await state
    .tasks(context.project.id)
    .update((current) =>
      withTask(current, task.id, (each) => setStatus(each, status, args.note, hands.now())),
    );
  await context.record('task.updated', `"${task.title}" is ${status}.`, task.id);
  return said(`Task "${task.title}" (${task.id}) is now ${status}.`);
}

async function settle(
  hands: TaskToolHands,
  context: TaskToolContext,
  task: Task,
  note: string | undefined,
  call: CallInfo,
): Promise<ToolOutcome> {
  const commit = await context.commit(`${task.title}${note ? `\n\n${note}` : ''}`, call, task.id);
  const runs = await proveTask(hands, { ...context, commit, signal: call.signal }, task);
  if (call.signal.aborted) return { output: '', isError: false, effect: 'unfinished' };
  await call.check();
  const evidence = runs.map(({ output: _output, ...rest }) => rest);
  const list = await saveClaim(hands, context.project.id, task.id, evidence, note);
  const settled = list.tasks.find((each) => each.id === task.id);
  const completed = settled?.status === 'completed';
  await context.record(
    completed ? 'task.completed' : 'task.refused',
    `"${task.title}": ${runs.filter((run) => run.passed).length} of ${runs.length} commands passed.`,
    task.id,
  );
  return describeClaim(task, runs, completed);
}

/**
 * Runs a task's own criteria, or the persona's gate where it has none, at `commit`. A task with neither gets no evidence:
 * then only an audit can settle it.
 */
export async function proveTask(
  hands: GateHands,
  run: Pick<TaskToolContext, 'project' | 'gateChecks' | 'commandTimeoutMs'> & {
    commit: string;
    signal: AbortSignal;
  },
  task: Task,
): Promise<(Evidence & { output: string })[]> {
  const own = task.criteria.map((each) => ({ kind: 'criterion' as const, ...each }));
  const commands = own.length > 0 ? own : run.gateChecks.map((each) => ({ kind: 'gate' as const, ...each }));
  const runs: (Evidence & { output: string })[] = [];
  for (const command of commands) {
    if (run.signal.aborted) break;
    runs.push(await runCriterion(hands, { ...run, timeoutMs: run.commandTimeoutMs }, command));
  }
  return runs;
}

function saveClaim(
  { state, now }: TaskToolHands,
  projectId: string,
  taskId: string,
  evidence: readonly Evidence[],
  note: string | undefined,
): Promise<TaskList> {
  return state.tasks(projectId).update((current) =>
    withTask(current, taskId, (each) => {
      const settled = settleClaim(each, evidence, now());
      return note ? { ...settled, verificationNotes: [...settled.verificationNotes, note] } : settled;
    }),
  );
}

function describeClaim(
  task: Task,
  runs: readonly (Evidence & { output: string })[],
  completed: boolean,
): ToolOutcome {
  if (runs.length === 0) {
    return said(
      `Task "${task.title}" stays in progress: it has no criteria, and the gate has no command that could prove it. ` +
        'The closing audit will judge it. Go on with the next one.',
    );
  }
  const lines = runs.map((run) => {
    const head = `- ${run.name}: ${run.passed ? 'passed' : `FAILED (exit code ${run.exitCode ?? 'none'})`}`;
    return run.passed ? head : `${head}\n${run.output}`;
  });
  return completed
    ? said(`Task "${task.title}" is completed. The factory ran:\n${lines.join('\n')}`)
    : failed(
        `Task "${task.title}" is not completed; it stays in progress. The factory ran:\n${lines.join('\n')}`,
      );
}
