import * as z from 'zod';
import { uuidFrom } from '../../../lib/ids.ts';
import { defineTool, failed, said } from '../../agent/tools/tool.ts';
import { OWNER, type Task } from '../../model/task.ts';
import { addTasks as addToList, type NewTask } from '../list/add.ts';
import { criteriaOfPersona } from '../proof/criteria.ts';
import type { TaskContext } from './task-context.ts';

const criterionArgs = z.object({
  name: z.string().min(1).max(500).describe('What the command proves, in a few words.'),
  command: z.string().min(1).max(20_000).describe('Shell command, run in the worktree by the factory.'),
  expected_exit_code: z.number().int().min(0).max(255).optional().describe('Default 0.'),
});

export const addTasksArgs = z.object({
  tasks: z
    .array(
      z.object({
        title: z.string().min(1).max(500),
        description: z.string().max(20_000).describe('What has to be true when it is done.'),
        priority: z.number().int().min(1).max(5).optional().describe('1 is the most urgent, 5 the least.'),
        dependencies: z
          .array(z.string().min(1))
          .optional()
          .describe('Ids or exact titles of tasks that must be completed first.'),
        criteria: z
          .array(criterionArgs)
          .optional()
          .describe('Commands that prove the task; a task without them is only weakly specified.'),
      }),
    )
    .min(1)
    .max(100),
});

/** Ids come from the call's key, so a repeated call adds nothing twice. */
export const addTasks = defineTool<typeof addTasksArgs, TaskContext>({
  name: 'add_tasks',
  description:
    'Adds tasks to the project’s task list and answers with their ids. Break the work into tasks that can each be ' +
    'proved by commands, and give those commands as criteria.',
  args: addTasksArgs,
  onResume: 'again',
  async run({ tasks }, { state, now, project, persona, gateChecks }, call) {
    const ids = tasks.map((_, index) => uuidFrom(`${project.id}/${call.key}/${index}`));
    const personaCriteria = criteriaOfPersona(gateChecks);
    await call.check();
    let problem: string | null = null;
    const list = await state.tasks(project.id).update((current) => {
      problem = null;
      if (current.tasks.some((task) => task.id === ids[0])) return current;
      const context = { now: now(), ids, persona, addedBy: authorOf(persona), personaCriteria };
      const outcome = addToList(current, tasks.map(toNewTask), context);
      if (outcome.ok) return outcome.value;
      problem = outcome.problem;
      return current;
    });
    if (problem !== null) return failed(`Nothing was added. ${problem}`);
    const added = list.tasks.filter((task) => ids.includes(task.id));
    return said(JSON.stringify({ added: added.map(describeAdded) }));
  },
});

/** A persona that is called like the owner does not speak for the owner. */
const authorOf = (persona: string): string => (persona === OWNER ? `persona ${persona}` : persona);

function describeAdded({ id, title, dependencies, weaklySpecified }: Task) {
  if (!weaklySpecified) return { id, title, dependencies };
  return { id, title, dependencies, weaklySpecified, note: 'only the gate and the audit can prove it' };
}

function toNewTask(wanted: z.infer<typeof addTasksArgs>['tasks'][number]): NewTask {
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
