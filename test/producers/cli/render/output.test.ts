import { describe, expect, test } from 'vitest';
import { formatBytes } from '../../../../src/lib/text/bytes.ts';
import {
  bold,
  createChannel,
  cut,
  formatMoment,
  formatUsd,
  green,
  jsonText,
  plural,
  render,
  type Sink,
} from '../../../../src/producers/cli/render/output.ts';
import { fields, table } from '../../../../src/producers/cli/render/table.ts';
import { controls } from '../../../support/controls.ts';

function sink(isTTY: boolean, columns = 40): Sink & { text: string } {
  return {
    text: '',
    isTTY,
    columns,
    write(text: string) {
      this.text += text;
    },
  };
}

const HOSTILE = 'a\u001b]52;c;ZXZpbA==\u0007b\u001b[2Jc\u001b]8;;http://evil\u001b\\d\u009b31me\rf';

/** Without the sequences that the program itself may write: looks, and the start of a live line. */
function withoutOwn(text: string): string {
  const looks = ['0', '1', '2', '31', '32', '33', '36'].map((code) => `\u001b[${code}m`);
  return ['\r\u001b[2K', ...looks].reduce((left, sequence) => left.replaceAll(sequence, ''), text);
}

describe('text of others', () => {
  test('A66 ansi-log: no control sequence reaches a terminal, in lines, tables, fields and styled parts', () => {
    const terminal = sink(true, 200);
    const channel = createChannel(terminal, {});
    channel.line(HOSTILE);
    channel.line([bold(HOSTILE), HOSTILE]);
    channel.line(table([{ head: 'x' }], [[HOSTILE], [green(HOSTILE)]], channel));
    channel.line(fields([['name', HOSTILE]]));
    channel.replaceLines([HOSTILE]);
    expect(controls(withoutOwn(terminal.text))).toEqual([]);
    expect(terminal.text).not.toContain('evil');
  });

  test('JSON escapes control characters that a terminal obeys, and stays the same document', () => {
    const text = jsonText({ note: HOSTILE });
    expect(controls(text)).toEqual([]);
    expect(JSON.parse(text)).toEqual({ note: HOSTILE });
  });
});

describe('colour', () => {
  const coloured = (isTTY: boolean, env: NodeJS.ProcessEnv) => {
    const out = sink(isTTY);
    createChannel(out, env).line(bold('x'));
    return out.text.includes('\u001b');
  };

  test('is there on a terminal only, and never with NO_COLOR or a dumb terminal', () => {
    expect(coloured(true, {})).toBe(true);
    expect(coloured(true, { NO_COLOR: '' })).toBe(true);
    expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(true, { TERM: 'dumb' })).toBe(false);
    expect(coloured(false, { FORCE_COLOR: '1' })).toBe(false);
  });
});

describe('the live line', () => {
  test('is replaced, also where it takes several rows, and makes way for a line', () => {
    const out = sink(true, 10);
    const channel = createChannel(out, {});
    channel.replaceLines(['one', 'two']);
    channel.replaceLines(['one', 'two']);
    channel.line('done');
    expect(out.text).toBe('one\ntwo\r\u001b[2K\u001b[1A\u001b[2Kdone\n');
  });

  test('is not there without a terminal', () => {
    const out = sink(false);
    createChannel(out, {}).replaceLines(['x']);
    expect(out.text).toBe('');
  });
});

describe('figures', () => {
  test.each([
    [0, '$0.00'],
    [0.00004, '<$0.0001'],
    [0.0042, '$0.0042'],
    [0.5, '$0.5000'],
    [1.236, '$1.24'],
    [1200, '$1,200.00'],
  ])('%f dollars are %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });

  test('bytes, counts and moments are written for people', () => {
    expect([formatBytes(12), formatBytes(4_608), formatBytes(250 * 1024 ** 3)]).toEqual([
      '12 B',
      '4.5 KiB',
      '250 GiB',
    ]);
    expect([plural(1, 'task'), plural(1200, 'task')]).toEqual(['1 task', '1,200 tasks']);
    expect(formatMoment(new Date(2026, 10, 2, 4, 5, 6))).toBe('2026-11-02 04:05:06');
  });

  test('text is cut by characters, not in the middle of one', () => {
    expect(cut('😀😀😀', 2)).toBe('😀…');
    expect(cut('a\n b', 10)).toBe('a b');
  });

  test('a table cuts wide cells and keeps each row on its line', () => {
    const text = render(
      table(
        [
          { head: 'name', width: 5 },
          { head: 'n', align: 'right' },
        ],
        [
          ['abcdefgh', '1'],
          ['a\nb', '22'],
        ],
        createChannel(sink(false), {}),
      ),
      false,
    );
    expect(text.split('\n')).toEqual(['NAME    N', 'abcd…   1', 'a b    22']);
  });
});
