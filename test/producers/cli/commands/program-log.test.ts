import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogReader, inOrder } from '../../../../src/producers/cli/commands/view/program-log.ts';

const line = (message: string, more: object = {}) =>
  `${JSON.stringify({ level: 'info', time: '2026-01-01T00:00:00.000Z', pid: 1, message, ...more })}\n`;

async function open() {
  const folder = await mkdtemp(join(tmpdir(), 'program-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const reader = createLogReader(folder);
  const news = async () => {
    const messages: string[] = [];
    await reader.news(({ message }) => messages.push(message));
    return messages;
  };
  return { folder, file: (name: string) => join(folder, name), news };
}

describe('the log of the program', () => {
  test('is read in the order of its files, whatever else lies there', () => {
    const names = ['df.2026-01-02.1.jsonl', 'notes.txt', 'df.2026-01-01.10.jsonl', 'df.2026-01-01.9.jsonl'];
    expect(inOrder(names)).toEqual([
      'df.2026-01-01.9.jsonl',
      'df.2026-01-01.10.jsonl',
      'df.2026-01-02.1.jsonl',
    ]);
  });

  test('is followed over midnight: late lines of the old file and all of the new one, each once', async () => {
    const { file, news } = await open();
    await writeFile(file('df.2026-01-01.1.jsonl'), line('a'));
    expect(await news()).toEqual(['a']);
    expect(await news()).toEqual([]);
    await writeFile(file('df.2026-01-02.1.jsonl'), line('b'));
    await appendFile(file('df.2026-01-01.1.jsonl'), line('late'));
    expect(await news()).toEqual(['late', 'b']);
    await appendFile(file('df.2026-01-02.1.jsonl'), line('c'));
    expect(await news()).toEqual(['c']);
  });

  test('waits for the end of a line, leaves out what is none, and reads long ones whole', async () => {
    const { file, news } = await open();
    const long = 'x'.repeat(600_000);
    const text = line(long);
    await writeFile(file('df.2026-01-01.1.jsonl'), `torn{\n${text.slice(0, 400_000)}`);
    expect(await news()).toEqual([]);
    await appendFile(file('df.2026-01-01.1.jsonl'), text.slice(400_000));
    expect(await news()).toEqual([long]);
  });

  test('is empty where there is none yet', async () => {
    const { folder, news } = await open();
    await rm(folder, { recursive: true });
    expect(await news()).toEqual([]);
  });
});
