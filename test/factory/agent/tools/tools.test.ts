import { describe, expect, test } from 'vitest';
import { OUTPUT_LIMIT } from '../../../../src/lib/text/text.ts';
import { run } from './support.ts';

describe('bash', () => {
  test('answers with exit code and output', async () => {
    const outcome = await run(
      'bash',
      { command: 'false' },
      { command: () => ({ exitCode: 3, output: 'oh' }) },
    );
    expect(outcome).toMatchObject({ output: 'exit code: 3\noh', isError: true, outputFile: 'output/bash' });
  });

  test('says when there is no output', async () => {
    expect((await run('bash', { command: 'true' }, { command: () => ({ output: '' }) })).output).toBe(
      'exit code: 0\n(no output)',
    );
  });

  test.each([
    ['timeout', 'timed out after 60000 ms'],
    ['memory', 'memory limit'],
    ['processes', 'process limit'],
    ['aborted', 'effects unknown'],
  ] as const)('%s is told in words', async (ended, words) => {
    const outcome = await run('bash', { command: 'x' }, { command: () => ({ ended, exitCode: null }) });
    expect(outcome.output).toContain(words);
    expect(outcome.isError).toBe(true);
  });

  test.each([
    [{}, 60_000],
    [{ timeout_ms: 5_000 }, 5_000],
    [{ timeout_ms: '5000' }, 5_000],
    [{ timeout_ms: 9e9 }, 60_000],
    [{ timeout_ms: 0.5 }, 100],
  ])('%j waits %i ms', async (args, expected) => {
    let waited = 0;
    await run(
      'bash',
      { command: 'x', ...args },
      {
        command: ({ timeoutMs }) => {
          waited = timeoutMs;
          return {};
        },
      },
    );
    expect(waited).toBe(expected);
  });

  test('A40 a failed push says what to do instead', async () => {
    const outcome = await run(
      'bash',
      { command: 'git push' },
      { command: () => ({ exitCode: 1, output: 'no' }) },
    );
    expect(outcome.output).toContain('hint: pushing is switched off');
  });

  test('never shows more than 16 KiB', async () => {
    const outcome = await run(
      'bash',
      { command: 'git push' },
      { command: () => ({ exitCode: 1, output: 'é'.repeat(20_000) }) },
    );
    expect(Buffer.byteLength(outcome.output)).toBeLessThanOrEqual(OUTPUT_LIMIT);
    expect(outcome.output).toContain('hint:');
  });
});
