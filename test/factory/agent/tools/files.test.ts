import { describe, expect, test } from 'vitest';
import { edit } from '../../../../src/factory/agent/tools/edit.ts';
import { placeInWorktree } from '../../../../src/factory/agent/tools/paths.ts';
import { OUTPUT_LIMIT } from '../../../../src/lib/text/text.ts';
import { run } from './support.ts';

describe('A46 A47 paths', () => {
  test.each([
    '../x',
    '/etc/passwd',
    'a/../../x',
    '/srv/wt-evil/x',
    '/srv/wt/../wt-evil/x',
    '',
    'a\0b',
    '.',
    '/srv/wt',
  ])('%j is refused', (path) => expect(placeInWorktree('/srv/wt', path, 'read').ok).toBe(false));

  test.each([
    ['a/b', 'a/b'],
    ['./a', 'a'],
    ['/srv/wt/a', 'a'],
    ['a/../b', 'b'],
    ['..a/b', '..a/b'],
  ])('%s is %s', (path, place) =>
    expect(placeInWorktree('/srv/wt', path, 'read')).toEqual({ ok: true, path: place }),
  );

  test('A44 git’s own files may be read, not written', async () => {
    expect(placeInWorktree('/srv/wt', '.git', 'read').ok).toBe(true);
    expect(placeInWorktree('/srv/wt', './.git/hooks/x', 'write').ok).toBe(false);
    expect((await run('write_file', { path: '.git', content: 'gitdir: /evil' })).files.size).toBe(0);
  });
});

describe('read_file', () => {
  const lines = (count: number) =>
    Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

  test('numbers the lines', async () => {
    const { output } = await run('read_file', { path: 'a' }, { files: { a: 'x\r\ny\n' } });
    expect(output).toBe('     1\tx\n     2\ty');
  });

  test('gives the lines that are asked for and says how to go on', async () => {
    const { output } = await run('read_file', { path: 'a', offset: 3, limit: 2 }, { files: { a: lines(9) } });
    expect(output).toBe('     3\tline 3\n     4\tline 4\n[lines 3 to 4 of 9; go on with offset 5]');
  });

  test('reading on by the given offsets shows every line once', async () => {
    const text = lines(5_000);
    const seen: string[] = [];
    for (let offset: number | undefined = 1; offset !== undefined; ) {
      const { output } = await run('read_file', { path: 'a', offset }, { files: { a: text } });
      expect(Buffer.byteLength(output)).toBeLessThanOrEqual(OUTPUT_LIMIT);
      seen.push(
        ...output.split('\n').flatMap((line) => (line.includes('\t') ? [line.split('\t')[1] ?? ''] : [])),
      );
      const next: string | undefined = /offset (\d+)\]$/.exec(output)?.[1];
      offset = next === undefined ? undefined : Number(next);
    }
    expect(seen.join('\n')).toBe(text);
  });

  test('cuts a line that is too long', async () => {
    const { output } = await run('read_file', { path: 'a' }, { files: { a: 'x'.repeat(100_000) } });
    expect(output).toContain('[… 98000 more characters]');
    expect(output.length).toBeLessThan(3_000);
  });

  test.each([
    ['an empty file', { path: 'a' }, '', 'is empty', false],
    ['past the end', { path: 'a', offset: 9 }, 'x', 'only 1 lines', true],
    ['a binary file', { path: 'a' }, 'x\0y', 'not a text file', true],
  ])('%s is told in words', async (_name, args, text, words, isError) => {
    const outcome = await run('read_file', args, { files: { a: text } });
    expect(outcome.output).toContain(words);
    expect(outcome.isError).toBe(isError);
  });
});

describe('edit_file', () => {
  const apply = (text: string, oldText: string, newText: string, all = false) => {
    const outcome = edit(text, oldText, newText, all);
    return outcome.ok ? outcome.text : outcome.problem;
  };

  test('replaces the one place', () => expect(apply('a b c', 'b', 'x')).toBe('a x c'));
  test('replaces all when asked', () => expect(apply('a b a', 'a', 'x', true)).toBe('x b x'));
  test('takes the new text as it is, also with $', () =>
    expect(apply('a', 'a', '$& $1 $$')).toBe('$& $1 $$'));

  test('names the lines of several places', () => {
    expect(apply('x\ny\nx\nx', 'x', 'z')).toContain('3 times (lines 1, 3, 4)');
    expect(apply('a\nb\nq\na\nb', 'a\nb', 'z')).toContain('2 times (lines 1, 4)');
  });

  test('points at a line that looks alike', () => {
    expect(apply('one\n\tif (x)  {\n', 'if (x) {\n  y', 'z')).toContain('Line 2 looks like');
  });

  test('says so when line numbers were copied along', () => {
    expect(apply('foo', '     1\tfoo', 'z')).toContain('Leave out the line numbers');
  });

  test('refuses an edit that changes nothing', () => expect(apply('a', 'a', 'a')).toContain('the same'));

  test.each([
    ['a line of a file that is mostly LF', 'a\nb\nc\r\nd\n', 'b\nc\nd', 'b\nC\nd', 'a\nb\nC\r\nd\n'],
    ['a line of a file that is mostly CRLF', 'a\r\nb\nc\r\n', 'a\nb\nc', 'a\nB\nc', 'a\r\nB\nc\r\n'],
    ['lines that come between', 'a\r\nb\nc\r\n', 'a\nb\nc', 'a\nx\ny\nb\nc', 'a\r\nx\r\ny\r\nb\nc\r\n'],
    ['lines that go', 'a\r\nx\ny\nb\nc\r\n', 'a\nx\ny\nb\nc', 'a\nb\nc', 'a\r\nb\nc\r\n'],
    ['the last line, without an end', 'a\r\nb', 'b', 'b\nc', 'a\r\nb\r\nc'],
    ['the first line', 'a\r\nb\n', 'a', 'x\na', 'x\r\na\r\nb\n'],
    ['a line with two carriage returns', 'a\r\r\nb\n', 'a\nb', 'a\nc', 'a\r\r\nc\n'],
    ['text of LF alone, asked for with CRLF', 'a\nb\n', 'a\r\nb', 'a\r\nc', 'a\nc\n'],
    ['line ends, where nothing else changes', 'a\r\nb\r\n', 'a\r\nb\r\n', 'a\nb\n', 'a\nb\n'],
    [
      'characters that mean something to patterns',
      'f($1)\r\n[a*]\n',
      'f($1)\n[a*]',
      'f($&)\n[b]',
      'f($&)\r\n[b]\n',
    ],
  ])('mixed line ends stay: %s', (_, text, oldText, newText, expected) => {
    expect(apply(text, oldText, newText)).toBe(expected);
  });
  test('mixed line ends stay in every place of replace_all', () => {
    expect(apply('a\nb\r\na\r\nb\n', 'a\nb', 'a\nc', true)).toBe('a\nc\r\na\r\nc\n');
  });
  test('CRLF is kept, whether the model wrote LF or CRLF', () => {
    expect(apply('a\r\nb\r\nc\r\n', 'a\nb', 'x\ny\nz')).toBe('x\r\ny\r\nz\r\nc\r\n');
    expect(apply('a\r\nb\r\n', 'a\r\nb', 'x')).toBe('x\r\n');
    expect(apply('a\r\nb\r\n', 'a', 'x\ny')).toBe('x\r\ny\r\nb\r\n');
  });

  test('LF files stay LF', () => expect(apply('a\nb\n', 'a', 'x\ny')).toBe('x\ny\nb\n'));

  test('a refused edit writes nothing', async () => {
    const outcome = await run(
      'edit_file',
      { path: 'a', old_text: 'q', new_text: 'z' },
      { files: { a: 'x' } },
    );
    expect(outcome.isError).toBe(true);
    expect(outcome.output).toContain('Nothing was changed');
    expect(outcome.files.get('a')).toBe('x');
  });

  test('"true" is taken for true', async () => {
    const args = { path: 'a', old_text: 'x', new_text: 'y', replace_all: 'true' };
    expect((await run('edit_file', args, { files: { a: 'x x' } })).files.get('a')).toBe('y y');
  });
});
