import * as z from 'zod';
import { brief } from '../text.ts';
import { load } from './files.ts';
import { defineTool, failed, said, type Tool } from './tool.ts';

export const editFile: Tool = defineTool({
  name: 'edit_file',
  description:
    'Replaces text in a file. `old_text` must be exactly as in the file, with its indentation and without line numbers, ' +
    'and must occur exactly once: take in enough lines around it, or set `replace_all`.',
  args: z.object({
    path: z.string().min(1).max(4_096).describe('Relative to the worktree.'),
    old_text: z.string().min(1, 'must not be empty; use write_file for a new file'),
    new_text: z.string(),
    replace_all: z.boolean().optional().describe('Replace every occurrence. Default false.'),
  }),
  onResume: 'interrupted',
  async run(args, context) {
    const file = await load(context, args.path, 'write');
    if (!file.ok) return failed(file.problem);
    const edited = edit(file.text, args.old_text, args.new_text, args.replace_all ?? false);
    if (!edited.ok) return failed(`${args.path}: ${edited.problem} Nothing was changed.`);
    const written = await context.sandbox.writeFile(context.worktree, context.gitDir, file.path, edited.text);
    return written.ok
      ? said(`Edited ${file.path} (${edited.count} ${edited.count === 1 ? 'place' : 'places'}).`)
      : failed(written.problem);
  },
});

export type Edited = { ok: true; text: string; count: number } | { ok: false; problem: string };

/**
 * The edit itself. Models write LF: in a file with CRLF line ends `oldText` is found all the same, and `newText` gets the
 * file's line ends.
 */
export function edit(text: string, oldText: string, newText: string, all: boolean): Edited {
  if (oldText === newText) return { ok: false, problem: 'old_text and new_text are the same.' };
  if (!usesCrlf(text)) return replace(text, oldText, newText, all);
  const crlf = (value: string) => value.replace(/\r?\n/g, '\r\n');
  return replace(text, text.includes(oldText) ? oldText : crlf(oldText), crlf(newText), all);
}

function usesCrlf(text: string): boolean {
  const lines = text.split('\n').length - 1;
  return lines > 0 && text.split('\r\n').length - 1 > lines / 2;
}

function replace(text: string, oldText: string, newText: string, all: boolean): Edited {
  const parts = text.split(oldText);
  const count = parts.length - 1;
  if (count === 0) return { ok: false, problem: `old_text does not occur.${nearest(text, oldText)}` };
  if (count > 1 && !all) {
    return {
      ok: false,
      problem: `old_text occurs ${count} times (lines ${places(parts, oldText)}). Take in more lines or set replace_all.`,
    };
  }
  return { ok: true, text: parts.join(newText), count };
}

/** Lines at which the first occurrences begin, from the text split at them. */
function places(parts: readonly string[], oldText: string): string {
  const newlines = (value: string) => value.split('\n').length - 1;
  let line = 1;
  const found = parts.slice(0, -1).map((part) => {
    const begins = line + newlines(part);
    line = begins + newlines(oldText);
    return begins;
  });
  return found.slice(0, 10).join(', ') + (found.length > 10 ? ', …' : '');
}

/** Points at the place that was probably meant: the first line of `oldText`, compared without regard to white space. */
function nearest(text: string, oldText: string): string {
  const plain = (line: string) => line.replace(/\s+/g, ' ').trim();
  const wanted = plain(oldText.split('\n').find((line) => plain(line) !== '') ?? '');
  if (wanted === '') return '';
  if (/^\s*\d+\t/.test(oldText)) return ' Leave out the line numbers that read_file puts before each line.';
  const lines = text.split(/\r?\n/);
  const index = lines.findIndex((line) => plain(line).includes(wanted));
  if (index < 0) return ' No line looks like its first line: read the file again.';
  return (
    ` Line ${index + 1} looks like its first line: ${JSON.stringify(brief(lines[index] ?? '', 200))}. ` +
    'The lines after it, or the white space, differ: read the file again.'
  );
}
