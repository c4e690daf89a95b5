import { bash } from '../../agent/tools/bash.ts';
import { commit } from '../../agent/tools/commit.ts';
import { editFile } from '../../agent/tools/edit.ts';
import { readFile, writeFile } from '../../agent/tools/files.ts';
import { finish } from '../../agent/tools/finish.ts';
import type { Tool, ToolContext } from '../../agent/tools/tool.ts';
import { type DecisionContext, proposeDecision } from '../../decisions/fork/propose-decision.ts';
import { type AskContext, askOwner } from '../../talk/ask-owner.ts';
import { addTasks } from '../../tasks/tools/add-tasks.ts';
import { updateTask } from '../../tasks/tools/update-task.ts';

/** What an agent's tools need: its sandbox, and the rules of tasks, commits and decisions. */
export type AgentContext = ToolContext & AskContext & DecisionContext;

/** All ten, in the order they are shown to a model. */
export const AGENT_TOOLS: readonly Tool<AgentContext>[] = Object.freeze([
  bash,
  readFile,
  writeFile,
  editFile,
  addTasks,
  updateTask,
  commit,
  proposeDecision,
  askOwner,
  finish,
]);
