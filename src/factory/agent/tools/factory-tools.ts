import { addTasksArgs, updateTaskArgs, commitArgs, finishArgs } from './factory-arguments.ts';
import { decisionArgs } from './decision.ts';
import { defineTool, type Tool } from './tool.ts';

export const addTasks: Tool = defineTool({
  name: 'add_tasks',
  description:
    'Adds tasks to the project’s task list and answers with their ids. Break the work into tasks that can each be ' +
    'proved by commands, and give those commands as criteria.',
  args: addTasksArgs,
  onResume: 'again',
  run: (args, context, call) => context.addTasks(args, call),
});

export const updateTask: Tool = defineTool({
  name: 'update_task',
  description:
    'Changes the status of a task. `completed` is a claim: the factory commits the worktree, runs the criteria of the ' +
    'task in a clean tree of that commit (a criterion that needs a build must build: files that git ignores are as the ' +
    'set-up left them) and answers with their outcome; when one fails, the task stays in progress and you see the output. Use ' +
    '`blocked` with a note when you cannot go on with it.',
  args: updateTaskArgs,
  onResume: 'again',
  run: (args, context, call) => context.updateTask(args, call),
});

export const commit: Tool = defineTool({
  name: 'commit',
  description:
    'Commits everything in the worktree and answers with the hash. This is the only way to commit: `git commit` in ' +
    'bash cannot work. Commit each logical unit of work.',
  args: commitArgs,
  onResume: 'again',
  run: (args, context, call) => context.commit(args, call),
});

export const proposeDecision: Tool = defineTool({
  name: 'propose_decision',
  description:
    'Puts a decision with lasting consequences before the factory when you are unsure. With low confidence and at ' +
    'least two good options the project is forked and the options are built side by side; otherwise you are told ' +
    'which option to go on with. Confidences are numbers from 0 to 1.',
  args: decisionArgs,
  onResume: 'again',
  run: (args, context, call) => context.proposeDecision(args, call),
});

export const finish: Tool = defineTool({
  name: 'finish',
  description:
    'Claims that your part of the project is done. The factory then runs its quality gate (tests, lint, format and ' +
    'other checks); if something fails you are called again with the output. Call it once, alone, as the last thing.',
  args: finishArgs,
  onResume: 'again',
  run: (args, context, call) => context.finish(args, call),
});
