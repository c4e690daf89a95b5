import { PassThrough } from 'node:stream';
import { confirm, text } from '@clack/prompts';
import { describe, expect, it } from 'vitest';
import { answered } from '../../../../src/producers/cli/framework/ask.ts';
import { until } from '../../../support/until.ts';

/** A terminal at which a prompt is open. */
async function terminal(ask: Parameters<typeof answered>[0]) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode() {} });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  let said = '';
  output.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const answer = answered(ask, { input, output });
  answer.catch(() => undefined);
  await until(() => said.includes('Now?'));
  return { input, answer, said: () => said };
}

describe('a prompt', () => {
  const asks = {
    text: (asking: object) => text({ ...asking, message: 'Now?' }),
    confirm: (asking: object) => confirm({ ...asking, message: 'Now?' }),
  };
  it.each([
    ['text', 'Ctrl-C', '\u0003'],
    ['text', 'Ctrl-D', '\u0004'],
    ['text', 'the end of the input', null],
    ['confirm', 'Ctrl-D', '\u0004'],
    ['confirm', 'the end of the input', null],
  ] as const)('(%s) ends at %s, and shows the cursor again', async (kind, _what, typed) => {
    const { input, answer, said } = await terminal(asks[kind]);
    if (typed === null) input.end();
    else input.write(typed);
    await expect(answer).rejects.toMatchObject({ kind: 'interrupted', code: 'cancelled' });
    expect(said().lastIndexOf('\u001b[?25h')).toBeGreaterThan(said().lastIndexOf('\u001b[?25l'));
  });

  it('gives what was answered', async () => {
    const { input, answer } = await terminal(asks.text);
    input.write('yes\r');
    expect(await answer).toBe('yes');
  });
});
