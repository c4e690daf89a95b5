import { describe, expect, test } from 'vitest';
import { DarkFactoryError } from '../../../../src/lib/failure.ts';
import {
  parseChoice,
  parseCommand,
  parseDurationOption,
  parseList,
  parseUsd,
  parseWhole,
} from '../../../../src/producers/cli/framework/parse.ts';

function failure(act: () => unknown): DarkFactoryError {
  try {
    act();
  } catch (error) {
    if (error instanceof DarkFactoryError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('amounts of money', () => {
  test.each([
    ['20', 20],
    ['0.50', 0.5],
    ['0.000001', 0.000001],
    ['999999999', 999_999_999],
  ])('%s is taken', (text, value) => {
    expect(parseUsd('--budget', text)).toBe(value);
  });

  test.each([
    '',
    ' ',
    '0',
    '0.00',
    '-1',
    '+1',
    'NaN',
    'Infinity',
    '1e3',
    '1e999',
    '0x10',
    '1,000',
    '$5',
    '5 ',
    '1.',
    '.5',
    '1234567890',
    '٣',
  ])('%j is refused as wrong usage, with the option and an example', (text) => {
    const { kind, message, hint } = failure(() => parseUsd('--budget', text));
    expect(kind).toBe('usage');
    expect(message).toContain('--budget');
    expect(message).toContain(JSON.stringify(text));
    expect(hint).toContain('--budget 20');
  });

  test('a value of 100 KB is named in a short message', () => {
    expect(failure(() => parseUsd('--budget', '9'.repeat(100_000))).message.length).toBeLessThan(200);
  });
});

describe('whole numbers', () => {
  test('both ends of the range are taken', () => {
    expect(parseWhole('--port', '0', 0, 65_535)).toBe(0);
    expect(parseWhole('--port', '65535', 0, 65_535)).toBe(65_535);
  });

  test.each(['', '-1', '65536', '1.5', '1e2', 'x', '9999999999999999999'])('%j is refused', (text) => {
    expect(failure(() => parseWhole('--port', text, 0, 65_535)).message).toContain('from 0 to 65535');
  });
});

describe('durations', () => {
  test('are read in milliseconds', () => {
    expect(parseDurationOption('--max-runtime', '90m')).toBe(5_400_000);
  });

  test.each(['', '12', 'abc', '1h30m', '-5m', '0s', 'Infinityh', '1e9d', '400d'])(
    '%j is refused with examples',
    (text) => {
      const { kind, message, hint } = failure(() => parseDurationOption('--max-runtime', text));
      expect(kind).toBe('usage');
      expect(message).toContain(JSON.stringify(text));
      expect(hint).toContain('12h');
    },
  );
});

describe('lists and words', () => {
  test('commas and repeated options are the same, and a name twice counts once', () => {
    expect(parseList('--persona', ['a, b', 'c', 'a'])).toEqual(['a', 'b', 'c']);
  });

  test.each([[['']], [['a,,b']], [[',']], [['a', ' ']]])('%j holds an empty name and is refused', (texts) => {
    expect(failure(() => parseList('--persona', texts)).kind).toBe('usage');
  });

  test('a word that is not in the set is refused with those that are', () => {
    expect(parseChoice('--format', 'json', ['markdown', 'json'])).toBe('json');
    expect(failure(() => parseChoice('--format', 'html', ['markdown', 'json'])).hint).toContain(
      'markdown, json',
    );
  });

  test('a command is kept as it is, and an empty one is refused', () => {
    expect(parseCommand('--test', ' npm test; $(id) ')).toBe('npm test; $(id)');
    expect(failure(() => parseCommand('--test', '  ')).message).toContain('empty');
    expect(failure(() => parseCommand('--test', 'a\0b')).kind).toBe('usage');
  });
});
