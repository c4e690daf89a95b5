import * as z from 'zod';
import { defineTool, failed, said, type Tool } from '../agent/tools/tool.ts';
import type { SealedFile } from '../model/sealing/sealed.ts';
import { SEALED_LIMITS, sealedPathProblem, sealedSizeProblem } from './paths.ts';

/** The sealed checks as they are being written. They lie where no sandbox shows them. */
export interface SealedDraft {
  files(): Promise<SealedFile[]>;
  /** Whole or not at all; the same twice changes nothing. `null` takes the file away. */
  write(path: string, content: Buffer | null): Promise<void>;
}

export interface SealingToolDeps {
  draft: SealedDraft;
  /** Paths of the base commit. */
  base: readonly string[];
  command: string;
  /** Runs them on the base commit. @returns what their writer is told */
  tryOut(signal: AbortSignal): Promise<string>;
}

/** What a writer of sealed checks has besides the tools to look. */
export function sealingTools(deps: SealingToolDeps): Tool[] {
  return [writeCheck(deps), runChecks(deps), finish(deps)];
}

function writeCheck({ draft, base, command }: SealingToolDeps): Tool {
  return defineTool({
    name: 'write_sealed_check',
    description:
      'Writes a whole file of sealed checks, new or in place of your old one: a test, or a helper or fixture of your tests. The ' +
      'path is relative to the top of the repository and must not be there yet. Empty content takes your file away. At most ' +
      `${SEALED_LIMITS.files} files of ${SEALED_LIMITS.fileBytes / 1024} KiB.`,
    args: z.object({
      path: z.string().min(1).max(4_096).describe('Where the test runner of this repository finds tests.'),
      content: z.string().describe('The whole content.'),
    }),
    onResume: 'again',
    async run({ path, content }, _context, call) {
      const files = await draft.files();
      const data = Buffer.from(content);
      const there = files.some((file) => file.path === path);
      if (content === '' && !there) return failed(`You have sealed no file ${path}.`);
      const problem = there
        ? sealedSizeProblem(path, data, files)
        : (sealedPathProblem(path, { base, files, command }) ?? sealedSizeProblem(path, data, files));
      if (problem !== null) return failed(`Nothing was written: ${problem}`);
      await call.check();
      await draft.write(path, content === '' ? null : data);
      return said(content === '' ? `Took ${path} away.` : `Wrote ${path} (${data.length} bytes).`);
    },
  });
}

function runChecks({ command, tryOut }: SealingToolDeps): Tool {
  return defineTool({
    name: 'run_sealed_checks',
    description:
      `Runs \`${command}\` on the repository as it is now, with your checks in it, and shows the output. The work is not done ` +
      'yet, so they should fail, and for that reason alone.',
    // Not every vendor takes a tool without any parameter.
    args: z.object({ why: z.string().max(500).optional().describe('What you want to see, in a few words.') }),
    reads: true,
    onResume: 'again',
    async run(_args, _context, call) {
      const told = await tryOut(call.signal);
      return call.signal.aborted ? { output: '', isError: false, effect: 'unfinished' } : said(told);
    },
  });
}

function finish({ draft }: SealingToolDeps): Tool {
  return defineTool({
    name: 'finish',
    description:
      'Says that the sealed checks are complete. The factory runs them on the base commit and seals them when they can be ' +
      'run and fail there; else you are called again. Call it once, alone, as the last thing.',
    args: z.object({
      summary: z.string().trim().min(1).max(20_000).describe('What they check, and what they leave out.'),
    }),
    onResume: 'again',
    async run() {
      const files = await draft.files();
      if (files.length === 0)
        return failed('There are no sealed checks yet: write some with write_sealed_check.');
      return {
        output: 'The factory runs your checks on the base commit now.',
        isError: false,
        effect: 'finish',
      };
    },
  });
}

/** Put back word for word when the conversation is made smaller. */
export function describeDraft(files: readonly SealedFile[]): string {
  if (files.length === 0) return 'No sealed check is written yet.';
  return `Sealed checks written so far:\n${files.map(({ path, content }) => `- ${path} (${content.length} bytes)`).join('\n')}`;
}
