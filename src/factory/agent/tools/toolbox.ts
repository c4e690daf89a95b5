import type { ToolSpec } from '../message.ts';
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
      const closest = names
        .map((each) => ({ each, distance: distance(name.toLowerCase(), each) }))
        .sort((a, b) => a.distance - b.distance)[0];
      const guess =
        closest !== undefined && closest.distance <= Math.max(2, closest.each.length / 2)
          ? ` Did you mean ${closest.each}?`
          : '';
      return `There is no tool named ${JSON.stringify(name.slice(0, 100))}.${guess} Tools: ${names.join(', ')}.`;
    },
  };
}

/** Levenshtein distance of the first hundred characters. */
function distance(left: string, right: string): number {
  const a = left.slice(0, 100);
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
