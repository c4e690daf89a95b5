import * as z from 'zod';
import { clip } from '../../lib/text/text.ts';
import { readFile } from '../agent/tools/files.ts';
import { defineTool, failed, said, type Tool, type ToolContext } from '../agent/tools/tool.ts';
import { createToolbox, type Toolbox } from '../agent/tools/toolbox.ts';
import type { ScratchPlace } from '../gates/run/scratch.ts';
import type { Sandbox } from '../ports.ts';
import type { Task } from '../model/task.ts';

/** Most that a judge is shown of one look, in bytes: a hearing may have many. */
const LOOK_LIMIT = 8 * 1024;
const SEARCH_MS = 60_000;

export interface JudgeHands {
  sandbox: Sandbox;
  /** Where the audited code stands; it is read-only to everything a judge does. */
  place: ScratchPlace;
  commandTimeoutMs: number;
  newOutput(label: string): Promise<{ file: string; relative: string }>;
}

/** The tools of a judge: it can look and run what the task itself names, and change nothing. */
export function judgeTools(hands: JudgeHands, task: Task): Toolbox {
  return createToolbox([
    readFile,
    search(hands),
    ...(task.criteria.length === 0 ? [] : [runCriterion(hands, task)]),
  ]);
}

/** What the reading tools need; whatever would change something is refused. */
export function judgeContext(hands: JudgeHands): ToolContext {
  const refuse = async () => failed('A judge only looks.');
  const { sandbox, place } = hands;
  return {
    sandbox: {
      run: sandbox.run,
      readFile: (_worktree, gitDir, path, maxBytes) =>
        sandbox.readFile(place.worktree, gitDir, path, maxBytes, place),
      writeFile: async () => ({ ok: false, problem: 'A judge only looks.' }),
    },
    // The judge is told of the place that commands see.
    worktree: place.appearsAt ?? place.worktree,
    gitDir: place.gitDir,
    commandTimeoutMs: hands.commandTimeoutMs,
    newOutput: hands.newOutput,
    hintFor: () => null,
    addTasks: refuse,
    updateTask: refuse,
    commit: refuse,
    proposeDecision: refuse,
    finish: refuse,
  };
}

/** `search`, for whoever only looks. */
export function search(hands: JudgeHands): Tool {
  return defineTool({
    name: 'search',
    description:
      'Searches the files of the worktree for a regular expression (extended syntax) and returns matching lines as ' +
      'file:line:text. Without a pattern it lists the files.',
    args: z.object({
      pattern: z.string().max(1_000).optional().describe('Extended regular expression.'),
      path: z.string().min(1).max(4_096).optional().describe('Folder or file to look in. Default: all.'),
    }),
    reads: true,
    onResume: 'again',
    async run({ pattern, path = '.' }, _context, call) {
      // `--` and quotes: neither a pattern nor a path is ever an option or a part of the command.
      const command =
        pattern === undefined || pattern === ''
          ? `find ${quoted(path.startsWith('-') ? `./${path}` : path)} -path ./.git -prune -o -path '*/node_modules' -prune -o -type f -print | sort | head -n 2000`
          : `grep -rnIE --exclude-dir=.git --exclude-dir=node_modules -e ${quoted(pattern)} -- ${quoted(path)} | cut -c1-400 | head -n 500`;
      const result = await look(hands, 'audit-search', command, SEARCH_MS, call.signal);
      const output = result.output.trim();
      return said(output === '' ? 'Nothing was found.' : clip(output, LOOK_LIMIT));
    },
  });
}

function runCriterion(hands: JudgeHands, task: Task): Tool {
  const names = task.criteria.map(({ name }) => name);
  return defineTool({
    name: 'run_criterion',
    description:
      'Runs one of the criteria of this task again and returns exit code and output. The worktree is read-only here, so ' +
      `a command that must write may fail for that alone. Criteria: ${names.join('; ')}.`,
    args: z.object({ name: z.string().min(1).max(500).describe('Name of the criterion.') }),
    reads: true,
    onResume: 'again',
    async run({ name }, _context, call) {
      const found = task.criteria.find((each) => each.name === name);
      if (found === undefined)
        return failed(`This task has no criterion ${JSON.stringify(name)}. It has: ${names.join('; ')}.`);
      const result = await look(hands, 'audit-criterion', found.command, hands.commandTimeoutMs, call.signal);
      const how = result.ended === 'exit' ? `exit code ${result.exitCode}` : `ended by: ${result.ended}`;
      return said(
        `\`${found.command}\`: ${how} (${found.expectedExitCode} expected)\n${clip(result.output, LOOK_LIMIT)}`,
      );
    },
  });
}

async function look(
  hands: JudgeHands,
  label: string,
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
) {
  const { file } = await hands.newOutput(label);
  return hands.sandbox.run({
    ...hands.place,
    command,
    readOnly: true,
    timeoutMs,
    outputFile: file,
    signal,
  });
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
