import { plainText } from './plain-text.ts';

/**
 * Markdown made of text that others wrote (models, test runs, repositories): it is neutralised and escaped, or stands in a
 * code span, so that it cannot make headings, links, images or lines of its own.
 */
export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

/** Cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Text of several lines, word for word. */
export function quote(text: string): string {
  return (
    plainText(text)
      .split('\n')
      // A line of `=` or `-` would make the one before it a heading.
      .map((line) => `> ${escapedLine(line).replace(/^(\s*)([-=+])/, '$1\\$2')}`)
      .join('\n')
  );
}

/** One line of text in which nothing is Markdown or HTML. */
export function escaped(text: string): string {
  return escapedLine(plainText(text).replace(/\s+/g, ' ').trim());
}

/**
 * The same as a quotation: whose words they are stays plain, for they cannot close it and speak on in the factory's voice.
 */
export function inQuotes(text: string): string {
  return `“${escaped(text).replace(/[“”„‟]/g, '"')}”`;
}

function escapedLine(line: string): string {
  return (
    line
      .replace(/[\\`*_[\]<>|#~!&]/g, '\\$&')
      // Bare addresses become links by themselves in many places where Markdown is shown.
      .replace(/:(?=\/\/)|(?<=\bwww)\./gi, '\\$&')
  );
}

/** A code span that its own content cannot leave, also inside a table. */
export function code(text: string): string {
  const line = plainText(text).replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}
