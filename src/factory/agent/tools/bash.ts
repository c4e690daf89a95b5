import * as z from 'zod';
import { clip, OUTPUT_LIMIT } from '../../../lib/text/text.ts';
import type { CommandResult } from '../../ports.ts';
import { defineTool, type Tool, type ToolOutcome } from './tool.ts';

/** What is said of a command whose end nobody saw. */
export const INTERRUPTED =
  'interrupted; effects unknown; look before you repeat. ' +
  'The command was started and then cut off from outside (restart, pause or limit), not by a fault of its own.';

const bashArgs = z.object({
  command: z.string().min(1).max(100_000).describe('Shell command line; may have several lines.'),
  timeout_ms: z
    .number()
    .positive()
    .optional()
    .describe('Ends the command with all its children after so many milliseconds.'),
});

export const bash: Tool = defineTool({
  name: 'bash',
  description:
    'Runs a command in a fresh shell in the sandbox and returns its exit code and output (both streams; head and tail ' +
    'when it is long). The working directory is the worktree. Nothing is kept between calls: no `cd`, no variables, no ' +
    'background processes. Standard input is closed, so interactive programs fail; there is no network. Git can be ' +
    'read (status, diff, log, show), not changed: use the commit tool.',
  args: bashArgs,
  onResume: 'interrupted',
  async run({ command, timeout_ms }, context, call) {
    const limit = context.commandTimeoutMs;
    const timeoutMs = Math.min(limit, Math.max(100, Math.round(timeout_ms ?? limit)));
    const { file, relative } = await context.newOutput('bash');
    const result = await context.sandbox.run({
      command,
      worktree: context.worktree,
      gitDir: context.gitDir,
      timeoutMs,
      outputFile: file,
      signal: call.signal,
    });
    return report(result, timeoutMs, relative, context.hintFor(command, result.output));
  },
});

function report(
  result: CommandResult,
  timeoutMs: number,
  outputFile: string,
  hint: string | null,
): ToolOutcome {
  const head = ending(result, timeoutMs);
  const advice = hint === null || result.exitCode === 0 ? '' : `\n\nhint: ${hint}`;
  const room = OUTPUT_LIMIT - Buffer.byteLength(head) - Buffer.byteLength(advice) - 2;
  const output = result.output.trim() === '' ? '(no output)' : clip(result.output, room);
  return { output: `${head}\n${output}${advice}`, isError: result.exitCode !== 0, outputFile };
}

function ending({ ended, exitCode }: CommandResult, timeoutMs: number): string {
  switch (ended) {
    case 'exit':
      return exitCode === null ? 'ended by a signal' : `exit code: ${exitCode}`;
    case 'timeout':
      return `timed out after ${timeoutMs} ms; the command and all its children were ended`;
    case 'memory':
      return 'ended by the memory limit of the sandbox, with all its children';
    case 'processes':
      return 'ended by the process limit of the sandbox, with all its children';
    case 'disk':
      return 'ended because it was filling the disk (its bytes, or the number of files that it can hold), with all its children; remove what it wrote that you do not need';
    case 'aborted':
      return INTERRUPTED;
  }
}
