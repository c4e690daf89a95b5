import { nearest } from '../../../lib/text/nearest.ts';
import type { ToolSpec } from '../../model/message.ts';
import { bash } from './bash.ts';
import { editFile } from './edit.ts';
import { addTasks, commit, finish, proposeDecision, updateTask } from './factory-tools.ts';
import { readFile, writeFile } from './files.ts';
import type { Tool } from './tool.ts';

/** The tools an agent has. */
export interface Toolbox {
  readonly specs: readonly ToolSpec[];
  find(name: string): Tool | undefined;
  /** Result text for a name that is no tool, with the nearest that is. */
  unknown(name: string): string;
}

/** All nine, in the order they are shown to a model. */
export const AGENT_TOOLS: readonly Tool[] = Object.freeze([
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

/** @param tools by default all nine; a judge gets the reading ones alone */
export function createToolbox(tools: readonly Tool[] = AGENT_TOOLS): Toolbox {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    specs: tools.map(({ spec }) => spec),
    find: (name) => byName.get(name),
    unknown(name) {
      const names = [...byName.keys()];
      const [closest] = nearest(name, names, 1);
      const guess = closest === undefined ? '' : ` Did you mean ${closest}?`;
      return `There is no tool named ${JSON.stringify(name.slice(0, 100))}.${guess} Tools: ${names.join(', ')}.`;
    },
  };
}
