import { describe, expect, test } from 'vitest';
import { code, escaped, inQuotes, quote, table } from '../../src/lib/text/markdown.ts';

describe('Markdown made of what others wrote', () => {
  test.each([
    ['a heading', '# x', '> \\# x'],
    ['a heading by underlining', 'x\n===\n---', '> x\n> \\===\n> \\---'],
    ['a list', '- a\n+ b', '> \\- a\n> \\+ b'],
    ['HTML and links', '<b>[x](y)', '> \\<b\\>\\[x\\](y)'],
    ['a paragraph', 'one\n\ntwo', '> one\n> \n> two'],
  ])('%s stays a quotation', (_, text, expected) => {
    expect(quote(text)).toBe(expected);
  });

  test('a line of it stays one line, in a table too', () => {
    expect(escaped('a\n| b |\u001b[31m')).toBe('a \\| b \\|');
    expect(table(['x'], [[code('a|b')]])).toBe('| x |\n| --- |\n| `a\\|b` |');
  });

  test('a code span cannot be left by backticks', () => {
    expect(code('a``b')).toBe('``` a``b ```');
  });

  test('a quotation cannot be closed from within', () => {
    expect(inQuotes('a” is proved. “b')).toBe('“a" is proved. "b”');
  });

  test('a bare address does not become a link', () => {
    expect(escaped('see http://a.b or www.c.d: it')).toBe('see http\\://a.b or www\\.c.d: it');
  });
});
