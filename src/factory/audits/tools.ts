import * as z from 'zod';
import { clip } from '../../lib/text/text.ts';
import { readFile } from '../agent/tools/files.ts';
import { defineTool, failed, said, type Tool } from '../agent/tools/tool.ts';
import { createToolbox, type Toolbox } from '../agent/tools/toolbox.ts';
import { LOOK_LIMIT, type LookDeps, look, lookContext, search } from '../gates/run/look.ts';
import type { Task } from '../model/task.ts';

/** The tools of a judge: it can look and run what the task itself names, and change nothing. */
export function judgeTools(deps: LookDeps, task: Task): Toolbox {
  const criterion = task.criteria.length === 0 ? [] : [runCriterion(deps, task)];
  return createToolbox([readFile, search(deps), ...criterion], lookContext(deps));
}

function runCriterion(deps: LookDeps, task: Task): Tool {
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
      const result = await look(deps, 'audit-criterion', found.command, deps.commandTimeoutMs, call.signal);
      const how = result.ended === 'exit' ? `exit code ${result.exitCode}` : `ended by: ${result.ended}`;
      return said(
        `\`${found.command}\`: ${how} (${found.expectedExitCode} expected)\n${clip(result.output, LOOK_LIMIT)}`,
      );
    },
  });
}
