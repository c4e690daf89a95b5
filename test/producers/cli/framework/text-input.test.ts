import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readStdin, readText } from '../../../../src/producers/cli/framework/text-input.ts';

let cwd = '';
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'df-text-'));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

// Only what a stream gives is needed of stdin.
const stdin = (...chunks: (string | Buffer)[]) => Readable.from(chunks) as unknown as NodeJS.ReadStream;
const read = (value: string, input = stdin()) => readText('--description', value, { cwd, stdin: input });

describe('a text option', () => {
  test('is itself, whatever shell characters it holds', async () => {
    expect(await read('$(id); `x` \n y')).toBe('$(id); `x` \n y');
  });

  test('@FILE is the content of the file, from the current folder', async () => {
    await writeFile(join(cwd, 'task.md'), '# Täsk\n');
    expect(await read('@task.md')).toBe('# Täsk\n');
  });

  test('@@ begins a text that begins with @', async () => {
    expect(await read('@@me, look')).toBe('@me, look');
  });

  test('- is stdin, also when a character is cut between two pieces', async () => {
    const bytes = Buffer.from('ä\n');
    expect(await read('-', stdin(bytes.subarray(0, 1), bytes.subarray(1)))).toBe('ä\n');
  });

  test('a missing file, a folder and a file that is no text are wrong usage and named', async () => {
    await writeFile(join(cwd, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    await expect(read('@nowhere.md')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('nowhere.md'),
    });
    await expect(read('@.')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('folder'),
    });
    await expect(read('@binary')).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining('UTF-8'),
    });
  });

  test('more than 1 MiB is refused before it is read whole', async () => {
    await writeFile(join(cwd, 'large'), 'x'.repeat(1024 * 1024 + 1));
    await expect(read('@large')).rejects.toMatchObject({ kind: 'usage', code: 'text_too_long' });
    await expect(read('@/dev/zero')).rejects.toMatchObject({ kind: 'usage', code: 'text_too_long' });
    async function* endless() {
      for (;;) yield 'x'.repeat(65_536);
    }
    const flood = Readable.from(endless()) as unknown as NodeJS.ReadStream;
    await expect(read('-', flood)).rejects.toMatchObject({ kind: 'usage', code: 'text_too_long' });
  });

  test('a key on stdin loses its line end and nothing else', async () => {
    expect(await readStdin('--api-key-stdin', stdin(' sk-1 \r\n'))).toBe(' sk-1 ');
  });
});
