import * as z from 'zod';
import { shellQuote } from '../../../lib/text/shell-quote.ts';
import { clip } from '../../../lib/text/text.ts';
import { defineTool, said, type Tool, type ToolContext } from '../../agent/tools/tool.ts';
import type { ScratchPlace } from '../../ports/workspace.ts';
import type { CommandResult, Sandbox } from '../../ports.ts';

/** Most that whoever only looks is shown of one look, in bytes: there may be many. */
export const LOOK_LIMIT = 8 * 1024;
const SEARCH_TIMEOUT_MS = 60_000;

/** For whoever only looks: a judge, or the writer of sealed checks. */
export interface LookDeps {
  sandbox: Sandbox;
  /** Where the code stands that is looked at; it is read-only to everything that is run on it. */
  place: ScratchPlace;
  commandTimeoutMs: number;
  newOutput(label: string): Promise<{ file: string; relative: string }>;
}

/** What the reading tools need; whatever would change something is refused. */
export function lookContext({ sandbox, place, commandTimeoutMs, newOutput }: LookDeps): ToolContext {
  return {
    sandbox: {
      run: sandbox.run,
      readFile: (_worktree, gitDir, path, maxBytes) =>
        sandbox.readFile(place.worktree, gitDir, path, maxBytes, place),
      writeFile: async () => ({ ok: false, problem: 'Nothing can be changed here.' }),
    },
    // A model is told of the place that commands see.
    worktree: place.appearsAt ?? place.worktree,
    gitDir: place.gitDir,
    commandTimeoutMs,
    newOutput,
    hintFor: () => null,
  };
}

export function search(deps: LookDeps): Tool {
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
          ? `find ${shellQuote(path.startsWith('-') ? `./${path}` : path)} -path ./.git -prune -o -path '*/node_modules' -prune -o -type f -print | sort | head -n 2000`
          : `grep -rnIE --exclude-dir=.git --exclude-dir=node_modules -e ${shellQuote(pattern)} -- ${shellQuote(path)} | cut -c1-400 | head -n 500`;
      const result = await look(deps, 'audit-search', command, SEARCH_TIMEOUT_MS, call.signal);
      const output = result.output.trim();
      return said(output === '' ? 'Nothing was found.' : clip(output, LOOK_LIMIT));
    },
  });
}

/** Runs a command without letting it change anything. */
export async function look(
  deps: LookDeps,
  label: string,
  command: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { file } = await deps.newOutput(label);
  return deps.sandbox.run({
    ...deps.place,
    command,
    readOnly: true,
    timeoutMs,
    outputFile: file,
    signal,
  });
}
