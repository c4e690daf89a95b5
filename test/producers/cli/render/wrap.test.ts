import { describe, expect, test } from 'vitest';
import { createChannel, green, render } from '../../../../src/producers/cli/render/output.ts';
import { columnWidths, table } from '../../../../src/producers/cli/render/table.ts';
import { cutWords, pack, widthOf, wrapLine } from '../../../../src/producers/cli/render/wrap.ts';

function terminal(columns: number, env: NodeJS.ProcessEnv = {}) {
  let text = '';
  const channel = createChannel(
    {
      isTTY: true,
      columns,
      write: (more: string) => {
        text += more;
      },
    },
    { NO_COLOR: '1', ...env },
  );
  return { channel, lines: () => text.trimEnd().split('\n') };
}

describe('a line that is longer than the terminal', () => {
  test('breaks between words, and goes on below its last column', () => {
    expect(
      wrapLine('ok    sandbox   bubblewrap: a command writes into its worktree', 40).split('\n'),
    ).toEqual(['ok    sandbox   bubblewrap: a command', '                writes into its worktree']);
  });

  test('keeps its own indentation where it has no columns', () => {
    expect(wrapLine('    one two three', 12).split('\n')).toEqual(['    one two', '    three']);
  });

  test('leaves a word that fits nowhere to the terminal, so that it can be copied', () => {
    const path = `/home/${'x'.repeat(40)}/shop`;
    expect(wrapLine(`it is in ${path} now`, 20).split('\n')).toEqual(['it is in', path, 'now']);
  });

  test('counts places, not letters, and no colours', () => {
    expect(wrapLine('設定 設定 設定', 10).split('\n')).toEqual(['設定 設定', '設定']);
    expect(wrapLine('\u001b[2m  one two\u001b[0m', 7)).toBe('\u001b[2m  one\n  two\u001b[0m');
    expect(wrapLine('\u001b[32mone two\u001b[0m', 7)).toBe('\u001b[32mone two\u001b[0m');
  });

  test('is still one command where it is to be copied', () => {
    const { channel, lines } = terminal(22);
    channel.command('  git -C /home/u/shop diff df/add-login');
    expect(lines()).toEqual(['  git -C \\', '  /home/u/shop diff \\', '  df/add-login']);
  });

  test('stays one line where there is no terminal', () => {
    let text = '';
    const write = (more: string) => {
      text += more;
    };
    createChannel({ write }, { COLUMNS: '10' }).line('one two three four');
    expect(text).toBe('one two three four\n');
  });

  test('COLUMNS counts for a terminal, also for one that knows no size', () => {
    const { channel, lines } = terminal(0, { COLUMNS: '9' });
    channel.line('one two three');
    expect(lines()).toEqual(['one two', 'three']);
    expect(terminal(0).channel.columns()).toBe(100);
  });
});

describe('parts', () => {
  test('go to the next line whole instead of being broken', () => {
    expect(pack(['aa', 'bb', 'cc'], 7)).toEqual(['aa · bb', 'cc']);
  });

  test('a text is cut between words where there are several', () => {
    expect(cutWords('one two three', 10)).toBe('one two …');
    expect(cutWords('abcdefghijkl', 6)).toBe('abcde…');
  });
});

describe('a table on a narrow terminal', () => {
  const columns = [
    { head: 'id' },
    { head: 'name', width: 40 },
    { head: 'cost', align: 'right' as const },
    { head: 'created', spare: 2 },
    { head: 'state', wraps: true as const },
  ];
  const rows = [
    [
      '3f2a9c1e',
      'a name that is rather long',
      '$12.34',
      '2026-11-22 14:00',
      green('out of money: no credit is left'),
    ],
  ];

  test('leaves out what can be spared, then makes cells narrower; cost stays whole', () => {
    const { channel, lines } = terminal(48);
    channel.line(table(columns, rows, channel));
    expect(lines()).toEqual([
      'ID        NAME              COST  STATE',
      '3f2a9c1e  a name that …   $12.34  out of money:',
      '                                  no credit is',
      '                                  left',
    ]);
    expect(lines().every((line) => widthOf(line) <= 48)).toBe(true);
  });

  test('has everything on one line each where there is no terminal', () => {
    const screen = { colour: false, isTerminal: false, columns: () => 20 };
    expect(render(table(columns, rows, screen), false).split('\n')[1]).toBe(
      '3f2a9c1e  a name that is rather long  $12.34  2026-11-22 14:00  out of money: no credit is left',
    );
  });

  test('is never made narrower than can be read', () => {
    expect(columnWidths([{ head: 'a', width: 40 }], [40], 3)).toEqual([10]);
  });

  test('keeps columns below each other whatever their letters', () => {
    const { channel, lines } = terminal(80);
    channel.line(
      table(
        [{ head: 'name' }, { head: 'n' }],
        [
          ['設定', '1'],
          ['abc', '2'],
        ],
        channel,
      ),
    );
    expect(lines()).toEqual(['NAME  N', '設定  1', 'abc   2']);
  });
});
