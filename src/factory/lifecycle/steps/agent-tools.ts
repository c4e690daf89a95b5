import { bash } from '../../agent/tools/bash.ts';
import { commit } from '../../agent/tools/commit.ts';
import { editFile } from '../../agent/tools/edit.ts';
import { readFile, writeFile } from '../../agent/tools/files.ts';
import { finish } from '../../agent/tools/finish.ts';
import type { Tool, ToolContext } from '../../agent/tools/tool.ts';
import { type DecisionContext, proposeDecision } from '../../decisions/fork/propose-decision.ts';
import { addTasks } from '../../tasks/tools/add-tasks.ts';
import type { TaskContext } from '../../tasks/tools/task-context.ts';
import { updateTask } from '../../tasks/tools/update-task.ts';

/** What an agent's tools need: its sandbox, and the rules of tasks, commits and decisions. */
export type AgentContext = ToolContext & TaskContext & DecisionContext;

/** All nine, in the order they are shown to a model. */
export const AGENT_TOOLS: readonly Tool<AgentContext>[] = Object.freeze([
  bash,
  readFile,
  writeFile,
  editFile,
  addTasks,
  updateTask,
  commit,
  proposeDecision,
  finish,
]);
