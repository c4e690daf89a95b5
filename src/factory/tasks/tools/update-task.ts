import * as z from 'zod';
import { type CallInfo, defineTool, failed, said, type ToolOutcome } from '../../agent/tools/tool.ts';
import { commitWork, unlessHeld } from '../../agent/tools/work.ts';
import {
  type CriterionOnBase,
  type Evidence,
  type Task,
  type TaskList,
  taskStatus,
} from '../../model/task.ts';
import { findTask } from '../list/add.ts';
import { openDependencies } from '../list/dependencies.ts';
import { noteOn, onlyBlockedLeft, setStatus, settleClaim, withTask, withTasks } from '../list/rules.ts';
import { markStale, type WorkCommit } from '../proof/evidence.ts';
import { neverRed, notSeenOnBase, seenRedText, withOnBase } from '../proof/on-base.ts';
import { definingCommands, inProofPlace, openProofPlace } from '../proof/proof-place.ts';
import { claimWithoutWork, proveTask, seeOnBase } from '../proof/prove.ts';
import type { TaskContext } from './task-context.ts';

const args = z.object({
  id: z.string().min(1).describe('Id of the task (a unique beginning is enough) or its exact title.'),
  status: taskStatus,
  note: z.string().max(10_000).optional().describe('What was done, found out, or is in the way.'),
});

/** Any status but `completed` is set; `completed` is a claim that the factory settles by running commands. */
export const updateTask = unlessHeld(
  defineTool<typeof args, TaskContext>({
    name: 'update_task',
    description:
      'Changes the status of a task. `completed` is a claim: the factory commits the worktree, runs the criteria of the ' +
      'task in a clean tree of that commit (a criterion that needs a build must build: files that git ignores are as the ' +
      'set-up left them) and answers with their outcome; when one fails, the task stays in progress and you see the output. Use ' +
      '`blocked` with a note when you cannot go on with it.',
    args,
    onResume: 'again',
    async run({ id, status, note }, context, call) {
      const { state, project, now } = context;
      const list = await state.tasks(project.id).get();
      const found = findTask(list.tasks, id);
      if (!found.ok) return failed(`No task was changed: ${found.problem}`);
      const task = found.value;
      const waitsFor = openDependencies(list.tasks, task);
      if (waitsFor.length > 0 && (status === 'completed' || status === 'in_progress')) {
        const names = waitsFor.map((each) => `"${each.title}" (${each.id}, ${each.status})`);
        return failed(
          `Task "${task.title}" was not changed: these must be completed first: ${names.join(', ')}.`,
        );
      }
      if (status === 'completed') return settle(context, task, note, call);
      await call.check();
      const after = await state
        .tasks(project.id)
        .update((current) => withTask(current, task.id, (each) => setStatus(each, status, note, now())));
      await workOn(context, task.id, status === 'in_progress');
      const message = `"${task.title}" is ${status.replaceAll('_', ' ')}.`;
      await context.record({ type: 'task.updated', message, taskId: task.id });
      return said(`Task "${task.title}" (${task.id}) is now ${status}.${nothingLeft(after)}`);
    },
  }),
);

/** Remembers which task the agent is at, so that what it commits meanwhile counts as work on that task. */
export async function workOn(
  { state, project, persona }: TaskContext,
  taskId: string,
  begins: boolean,
): Promise<void> {
  await state.agent(project.id, persona).update((agent) => {
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
  context: TaskContext,
  task: Task,
  note: string | undefined,
  call: CallInfo,
): Promise<ToolOutcome> {
  const { project } = context;
  const { id: taskId, title } = task;
  const told = (type: 'task.completed' | 'task.blocked' | 'task.refused', outcome: string) =>
    context.record({ type, message: `"${title}": ${outcome}`, taskId, data: { title, outcome } });
  const message = `${task.title}${note ? `\n\n${note}` : ''}`;
  const { head: commit } = await commitWork(context, project, message, call, task.id);
  const history = await context.git.history(project.repository, project.baseCommit, commit);
  const without = claimWithoutWork(task, history);
  if (without !== null) {
    await told('task.refused', without);
    const first = history.length === 0 ? ' Do the work first.' : '';
    return failed(`Task "${task.title}" is not completed: ${without}${first}`);
  }
  const { runs, onBase } = await runClaim(context, task, commit, call.signal);
  if (call.signal.aborted) return { output: '', isError: false, effect: 'unfinished' };
  await call.check();
  const evidence = runs.map(({ output: _output, ...rest }) => rest);
  const list = await saveClaim(context, task.id, { evidence, onBase, note, history, run: call.key });
  const settled = list.tasks.find((each) => each.id === task.id);
  const completed = settled?.status === 'completed';
  await workOn(context, task.id, !completed && settled?.status !== 'blocked');
  await told(
    completed ? 'task.completed' : settled?.status === 'blocked' ? 'task.blocked' : 'task.refused',
    `${runs.filter((run) => run.passed).length} of ${runs.length} commands passed.${redText(settled)}`,
  );
  const outcome = describeClaim(settled ?? task, runs, completed);
  return { ...outcome, output: `${outcome.output}${nothingLeft(list)}` };
}

/** What the factory's own commands say of a claim; criteria that all pass are then seen on the base commit, too, once. */
async function runClaim(context: TaskContext, task: Task, commit: string, signal: AbortSignal) {
  const { proof, project, gateChecks, gateTimeoutMs } = context;
  const commands = definingCommands(gateChecks, [task]);
  return inProofPlace(openProofPlace(proof, project, commit, commands), async (place) => {
    const run = { project, gateChecks, commandTimeoutMs: gateTimeoutMs, place, signal, worked: true };
    const runs = await proveTask(proof, run, task);
    const passed = runs.length > 0 && runs.every((each) => each.passed);
    return { runs, onBase: passed ? await seeOnBase(proof, run, notSeenOnBase(task)) : [] };
  });
}

function redText(task: Task | undefined): string {
  const text = task?.onBase === undefined ? null : seenRedText([task]);
  return text === null ? '' : ` ${text}.`;
}

/** Settles the claim; evidence of other tasks that its commits overtook becomes stale with the same writing. */
function saveClaim(
  { state, now, project }: TaskContext,
  taskId: string,
  claim: {
    evidence: readonly Evidence[];
    onBase: readonly CriterionOnBase[];
    note: string | undefined;
    history: readonly WorkCommit[];
    run: string;
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
      const settled = settleClaim(withOnBase(begun, claim.onBase), claim.evidence, now(), claim.run);
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
