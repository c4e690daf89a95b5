import { CommanderError } from 'commander';
import { describe, expect, test } from 'vitest';
import { DarkFactoryError } from '../../../../src/lib/failure.ts';
import { isExpected, sentence, toComplaint } from '../../../../src/producers/cli/framework/errors.ts';

const complaint = (error: unknown, logs: string | null = '/home/x/logs') =>
  toComplaint(error, 'df init --help', logs);

describe('what a failure becomes', () => {
  test.each([
    ['failed', 1],
    ['usage', 2],
    ['not_found', 3],
    ['environment', 4],
    ['waiting', 5],
  ] as const)('an expected failure of kind %s ends with exit code %i', (kind, exitCode) => {
    expect(complaint(new DarkFactoryError(kind, 'x_y', 'It broke', 'fix it'))).toEqual({
      exitCode,
      code: 'x_y',
      message: 'It broke',
      hint: 'fix it',
    });
  });

  test('wrong usage ends with 2, names what was wrong and where help is', () => {
    const error = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--foo'");
    expect(complaint(error)).toEqual({
      exitCode: 2,
      code: 'unknown_option',
      message: "Unknown option '--foo'",
      hint: 'See df init --help',
    });
  });

  test('a slip of the finger is met with a suggestion', () => {
    const error = new CommanderError(
      1,
      'commander.unknownCommand',
      "error: unknown command 'strat'\n(Did you mean start?)",
    );
    expect(complaint(error).hint).toBe('Did you mean start?');
  });

  test.each([
    ["error: unknown command 'info'\n(Did you mean init?)", 'See df init --help'],
    ["error: unknown command 'lgos'\n(Did you mean logs?)", 'Did you mean logs?'],
    ["error: unknown command 'brnches'\n(Did you mean branches?)", 'Did you mean branches?'],
    ["error: unknown option '--forse'\n(Did you mean one of --force, --format?)", 'Did you mean --force?'],
    ["error: unknown command 'ls'\n(Did you mean one of list, logs?)", 'See df init --help'],
  ])('the hint after %j is: %s', (message, hint) => {
    const code = message.includes('option') ? 'commander.unknownOption' : 'commander.unknownCommand';
    expect(complaint(new CommanderError(1, code, message)).hint).toBe(hint);
  });

  test('a surprise ends with 1, says one line and where the stack is', () => {
    const error = new TypeError('x is not a function\n    at secret place');
    const { exitCode, code, message, hint } = complaint(error);
    expect({ exitCode, code }).toEqual({ exitCode: 1, code: 'unexpected' });
    expect(message).toBe('Something unexpected happened: x is not a function');
    expect(hint).toContain('/home/x/logs');
    expect(complaint('thrown text', null).hint).toContain('DF_DEBUG=1');
    expect(isExpected(error)).toBe(false);
  });
});

describe('the sentence', () => {
  test.each([
    ['It broke', 'fix it', 'It broke. Fix it.'],
    ['It broke.', 'Fix it.', 'It broke. Fix it.'],
    ['It broke', '', 'It broke.'],
    ['it broke', 'fix it', 'It broke. Fix it.'],
    ['config.yaml: wrong', 'df setup --force', 'config.yaml: wrong. df setup --force.'],
    ['/x is gone', '--repo names another', '/x is gone. --repo names another.'],
  ])('%j and %j read %j', (message, hint, text) => {
    expect(sentence({ message, hint })).toBe(text);
  });
});
