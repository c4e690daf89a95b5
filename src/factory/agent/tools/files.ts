import * as z from 'zod';
import { cut, OUTPUT_LIMIT } from '../../../lib/text/text.ts';
import { placeInWorktree } from './paths.ts';
import { defineTool, failed, said, type Tool, type ToolContext, type ToolOutcome } from './tool.ts';

/** Larger files are for commands (`grep`, `sed -n`), not for the conversation. Bytes. */
const MAX_FILE = 8 * 1024 * 1024;
const MAX_LINE = 2_000;
const DEFAULT_LINES = 2_000;

const path = z.string().min(1).max(4_096).describe('Relative to the worktree.');

export const readFile: Tool = defineTool({
  name: 'read_file',
  description:
    'Returns lines of a text file with their numbers. Long files come in pieces of at most 16 KiB: go on with `offset`. ' +
    'To list folders or search use bash (`ls`, `grep -rn`).',
  args: z.object({
    path,
    offset: z.number().int().min(1).optional().describe('First line, counted from 1. Default 1.'),
    limit: z.number().int().min(1).optional().describe(`Most lines to return. Default ${DEFAULT_LINES}.`),
  }),
  reads: true,
  onResume: 'again',
  async run({ path: wanted, offset = 1, limit = DEFAULT_LINES }, context) {
    const file = await load(context, wanted, 'read');
    if (!file.ok) return failed(file.problem);
    if (file.text.includes('\0'))
      return failed(`${wanted} is not a text file (${file.text.length} characters).`);
    return page(wanted, file.text, offset, limit);
  },
});

export const writeFile: Tool = defineTool({
  name: 'write_file',
  description:
    'Writes a whole file, new or in place of the old one; missing folders are made. To change part of a file use ' +
    'edit_file.',
  args: z.object({ path, content: z.string().describe('The whole content.') }),
  onResume: 'again',
  async run({ path: wanted, content }, context) {
    const place = placeInWorktree(context.worktree, wanted, 'write');
    if (!place.ok) return failed(place.problem);
    const written = await context.sandbox.writeFile(context.worktree, context.gitDir, place.path, content);
    return written.ok
      ? said(`Wrote ${place.path} (${Buffer.byteLength(content)} bytes).`)
      : failed(written.problem);
  },
});

export type Loaded = { ok: true; path: string; text: string } | { ok: false; problem: string };

/** A file's text with the place it stands at, or why not. */
export async function load(context: ToolContext, wanted: string, use: 'read' | 'write'): Promise<Loaded> {
  const place = placeInWorktree(context.worktree, wanted, use);
  if (!place.ok) return place;
  const read = await context.sandbox.readFile(context.worktree, context.gitDir, place.path, MAX_FILE);
  return read.ok ? { ok: true, path: place.path, text: read.value } : read;
}

function page(name: string, text: string, offset: number, limit: number): ToolOutcome {
  if (text === '') return said(`${name} is empty.`);
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (offset > lines.length) return failed(`${name} has only ${lines.length} lines.`);
  const shown: string[] = [];
  let room = OUTPUT_LIMIT - 200;
  let next = offset;
  for (; next <= lines.length && shown.length < limit; next += 1) {
    const line = numbered(next, lines[next - 1] ?? '');
    room -= Buffer.byteLength(line) + 1;
    if (room < 0 && shown.length > 0) break;
    shown.push(line);
  }
  if (next <= lines.length) {
    shown.push(`[lines ${offset} to ${next - 1} of ${lines.length}; go on with offset ${next}]`);
  }
  return said(shown.join('\n'));
}

function numbered(number: number, line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  const shown =
    text.length > MAX_LINE ? `${cut(text, MAX_LINE)} [… ${text.length - MAX_LINE} more characters]` : text;
  return `${String(number).padStart(6)}\t${shown}`;
}
