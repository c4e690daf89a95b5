import { uuidFrom } from '../../../lib/ids.ts';
import type { AddTasksArgs, UpdateTaskArgs } from '../../agent/tools/factory-arguments.ts';
import { type CallInfo, failed, said, type ToolOutcome } from '../../agent/tools/tool.ts';
import type { GateCheck } from '../../model/gate-check.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import type { Project } from '../../model/project.ts';
import { addTasks, findTask, type NewTask } from '../list/add.ts';
import { criteriaOfPersona } from '../proof/criteria.ts';
import { openDependencies } from '../list/dependencies.ts';
import { markStale, type WorkCommit } from '../proof/evidence.ts';
import { neverRed, notSeenOnBase, seenRedText, withOnBase } from '../proof/on-base.ts';
import { definingCommands, inProofPlace, openProofPlace, type ProofHands } from '../proof/proof-place.ts';
import { claimWithoutWork, proveTask, seeOnBase } from '../proof/prove.ts';
import { noteOn, onlyBlockedLeft, setStatus, settleClaim, withTask, withTasks } from '../list/rules.ts';
import { type CriterionOnBase, type Evidence, OWNER, type Task, type TaskList } from '../../model/task.ts';

export { proveTask } from '../proof/prove.ts';

export interface TaskToolHands extends ProofHands {
  state: Pick<StateStore, 'newOutput' | 'tasks' | 'agent'>;
  git: ProofHands['git'] & Pick<GitManager, 'history'>;
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
  { project, persona, gateChecks }: TaskToolContext,
  args: AddTasksArgs,
  call: CallInfo,
): Promise<ToolOutcome> {
  const ids = args.tasks.map((_, index) => uuidFrom(`${project.id}/${call.key}/${index}`));
  const personaCriteria = criteriaOfPersona(gateChecks);
  await call.check();
  let problem: string | null = null;
  const list = await state.tasks(project.id).update((current) => {
    problem = null;
    if (current.tasks.some((task) => task.id === ids[0])) return current;
    const context = { now: now(), ids, persona, addedBy: authorOf(persona), personaCriteria };
    const outcome = addTasks(current, args.tasks.map(toNewTask), context);
    if (outcome.ok) return outcome.value;
    problem = outcome.problem;
    return current;
  });
  if (problem !== null) return failed(`Nothing was added. ${problem}`);
  const added = list.tasks.filter((task) => ids.includes(task.id));
  return said(JSON.stringify({ added: added.map(describeAdded) }));
}

/** A persona that is called like the owner does not speak for the owner. */
const authorOf = (persona: string): string => (persona === OWNER ? `persona ${persona}` : persona);

function describeAdded({ id, title, dependencies, weaklySpecified }: Task) {
  if (!weaklySpecified) return { id, title, dependencies };
  return { id, title, dependencies, weaklySpecified, note: 'only the gate and the audit can prove it' };
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
  const { project, persona } = context;
  const list = await state.tasks(project.id).get();
  const found = findTask(list.tasks, args.id);
  if (!found.ok) return failed(`No task was changed: ${found.problem}`);
  const task = found.value;
  const waitsFor = openDependencies(list.tasks, task);
  if (waitsFor.length > 0 && (args.status === 'completed' || args.status === 'in_progress')) {
    const names = waitsFor.map(({ id, title, status }) => `"${title}" (${id}, ${status})`);
    return failed(
      `Task "${task.title}" was not changed: these must be completed first: ${names.join(', ')}.`,
    );
  }
  if (args.status === 'completed') return settle(hands, context, task, args.note, call);
  const { status, note } = args;
  await call.check();
  const after = await state
    .tasks(project.id)
    .update((current) => withTask(current, task.id, (each) => setStatus(each, status, note, hands.now())));
  await workOn(hands, project.id, persona, task.id, status === 'in_progress');
  await context.record('task.updated', `"${task.title}" is ${status}.`, task.id);
  return said(`Task "${task.title}" (${task.id}) is now ${status}.${nothingLeft(after)}`);
}

/** Remembers which task the agent is at, so that what it commits meanwhile counts as work on that task. */
async function workOn(
  { state }: TaskToolHands,
  projectId: string,
  persona: string,
  taskId: string,
  begins: boolean,
): Promise<void> {
  await state.agent(projectId, persona).update((agent) => {
    if (begins) return agent.currentTask === taskId ? agent : { ...agent, currentTask: taskId };
    if (agent.currentTask !== taskId) return agent;
    const { currentTask: _currentTask, ...rest } = agent;
    return rest;
  });
}

function nothingLeft(list: TaskList): string {
  return onlyBlockedLeft(list) === null
    ? ''
    : ' Nothing is left to do but blocked tasks: try another way with one of them, or call finish and say what is in the way.';
}

async function settle(
  hands: TaskToolHands,
  context: TaskToolContext,
  task: Task,
  note: string | undefined,
  call: CallInfo,
): Promise<ToolOutcome> {
  const { project, persona } = context;
  const commit = await context.commit(`${task.title}${note ? `\n\n${note}` : ''}`, call, task.id);
  const history = await hands.git.history(project.repository, project.baseCommit, commit);
  const without = claimWithoutWork(task, history);
  if (without !== null) {
    await context.record('task.refused', `"${task.title}": ${without}`, task.id);
    return failed(`Task "${task.title}" is not completed: ${without}`);
  }
  const { runs, onBase } = await runClaim(hands, context, task, commit, call.signal);
  if (call.signal.aborted) return { output: '', isError: false, effect: 'unfinished' };
  await call.check();
  const evidence = runs.map(({ output: _output, ...rest }) => rest);
  const list = await saveClaim(hands, project, task.id, { evidence, onBase, note, history });
  const settled = list.tasks.find((each) => each.id === task.id);
  const completed = settled?.status === 'completed';
  await workOn(hands, project.id, persona, task.id, !completed && settled?.status !== 'blocked');
  await context.record(
    completed ? 'task.completed' : settled?.status === 'blocked' ? 'task.blocked' : 'task.refused',
    `"${task.title}": ${runs.filter((run) => run.passed).length} of ${runs.length} commands passed.${redText(settled)}`,
    task.id,
  );
  const outcome = describeClaim(settled ?? task, runs, completed);
  return { ...outcome, output: `${outcome.output}${nothingLeft(list)}` };
}

/** What the factory's own commands say of a claim; criteria that all pass are then seen on the base commit, too, once. */
async function runClaim(
  hands: TaskToolHands,
  context: TaskToolContext,
  task: Task,
  commit: string,
  signal: AbortSignal,
) {
  const place = openProofPlace(hands, context.project, commit, definingCommands(context.gateChecks, [task]));
  return inProofPlace(place, async () => {
    const run = { ...context, place, signal, worked: true };
    const runs = await proveTask(hands, run, task);
    const passed = runs.length > 0 && runs.every((each) => each.passed);
    return { runs, onBase: passed ? await seeOnBase(hands, run, notSeenOnBase(task)) : [] };
  });
}

function redText(task: Task | undefined): string {
  const text = task?.onBase === undefined ? null : seenRedText([task]);
  return text === null ? '' : ` ${text}.`;
}

/** Settles the claim; evidence of other tasks that its commits overtook becomes stale with the same writing. */
function saveClaim(
  { state, now }: TaskToolHands,
  project: Project,
  taskId: string,
  claim: {
    evidence: readonly Evidence[];
    onBase: readonly CriterionOnBase[];
    note: string | undefined;
    history: readonly WorkCommit[];
  },
): Promise<TaskList> {
  return state.tasks(project.id).update((current) => {
    const changes = new Map(
      current.tasks.map((task): [string, (each: Task) => Task] => [
        task.id,
        (each) => markStale(each, claim.history, project.baseCommit),
      ]),
    );
    changes.set(taskId, (each) => {
      const begun = claim.evidence.length > 0 ? each : setStatus(each, 'in_progress', undefined, now());
      const settled = settleClaim(withOnBase(begun, claim.onBase), claim.evidence, now());
      return claim.note && settled.status !== 'blocked' ? noteOn(settled, claim.note) : settled;
    });
    return withTasks(current, changes);
  });
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
  for (const { name } of neverRed(task))
    lines.push(`- ${name}: NEVER RED: it passes on the base commit as well, so it tells little of this task`);
  if (task.status === 'blocked') {
    return failed(
      `Task "${task.title}" is blocked now. ${task.verificationNotes.at(-1) ?? ''} Go on with another task, or change ` +
        `something that matters and claim it again. The factory ran:\n${lines.join('\n')}`,
    );
  }
  return completed
    ? said(`Task "${task.title}" is completed. The factory ran:\n${lines.join('\n')}`)
    : failed(
        `Task "${task.title}" is not completed; it stays in progress. The factory ran, in a clean tree of your commit (what git ignores ` +
          `is as the set-up left it):\n${lines.join('\n')}`,
      );
}
