import * as z from 'zod';
import { literal } from '../../../lib/text/literal.ts';
import { brief } from '../../../lib/text/text.ts';
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
 * The edit itself. Models read and write LF: whatever line ends the file has, mixed ones included, `oldText` is found all the
 * same, and lines that stay keep theirs. Only an edit that changes nothing but line ends means them.
 */
export function edit(text: string, oldText: string, newText: string, all: boolean): Edited {
  if (oldText === newText) return { ok: false, problem: 'old_text and new_text are the same.' };
  const found = [...text.matchAll(anyLineEnds(oldText))];
  if (found.length === 0) return { ok: false, problem: `old_text does not occur.${nearest(text, oldText)}` };
  if (found.length > 1 && !all) {
    const lines = places(text.split(anyLineEnds(oldText)), oldText);
    return {
      ok: false,
      problem: `old_text occurs ${found.length} times (lines ${lines}). Take in more lines or set replace_all.`,
    };
  }
  const converts = linesOf(oldText).join('\n') === linesOf(newText).join('\n');
  const edited = text.replace(anyLineEnds(oldText), (replaced, at: number) =>
    converts ? newText : withLineEnds(newText, replaced, usualEnd(text, at + replaced.length)),
  );
  return { ok: true, text: edited, count: found.length };
}

const LINE_END = /\r*\n/;
const linesOf = (text: string): string[] => text.split(LINE_END);
const endsOf = (text: string): string[] => text.match(/\r*\n/g) ?? [];

function anyLineEnds(text: string): RegExp {
  const lines = linesOf(text).map(literal);
  return new RegExp(lines.join(LINE_END.source), 'g');
}

/** How the line at a place ends; the last one of a file as the one before it. */
function usualEnd(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  const upTo = end < 0 ? text.lastIndexOf('\n') : end;
  return /\r*\n$/.exec(text.slice(Math.max(0, upTo - 8), upTo + 1))?.[0] ?? '\n';
}

/** `newText` with the line ends of what it replaces: those of lines that stay, and as most usual in between. */
function withLineEnds(newText: string, replaced: string, beyond: string): string {
  const [own, old, ends] = [linesOf(newText), linesOf(replaced), endsOf(replaced)];
  const usual = ends[0] ?? beyond;
  let head = 0;
  while (head < ends.length && own[head] === old[head]) head += 1;
  const grown = own.length - old.length;
  let tail = own.length;
  while (tail > head + Math.max(0, grown) && own[tail - 1] === old[tail - 1 - grown]) tail -= 1;
  const endOf = (line: number): string => {
    if (line < head || grown === 0) return ends[line] ?? usual;
    return line >= tail ? (ends[line - grown] ?? usual) : usual;
  };
  return own.map((line, index) => (index === own.length - 1 ? line : line + endOf(index))).join('');
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
