import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLog, expiredLogs, LOG_DAYS, type LogLevel, noLog } from '../../src/lib/log.ts';
import { createRedactor } from '../../src/lib/text/redact.ts';
import { runDf } from '../support/processes/processes.ts';

let home: string;
let folder: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'log-'));
  folder = join(home, 'logs');
});

afterEach(() => rm(home, { recursive: true, force: true }));

const KEY = 'sk-live-0123456789abcdef';
const open = (level: LogLevel) =>
  createLog({ folder, level, now: () => new Date(), redactor: createRedactor([KEY]) });

async function lines(): Promise<Record<string, unknown>[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  expect(names).toHaveLength(1);
  const text = await readFile(join(folder, names[0] ?? ''), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('writes one JSON object a line with level, time, process and the fields of its children', async () => {
  const begun = Date.now();
  const log = open('info');
  log.child({ projectId: 'p' }).child({ agentId: 'engineer' }).info({ step: 3 }, 'step done');
  log.error({ err: new Error('why') }, 'it broke');
  await log.close();
  const [first, second] = await lines();
  expect(first).toMatchObject({
    level: 'info',
    pid: process.pid,
    message: 'step done',
    projectId: 'p',
    agentId: 'engineer',
    step: 3,
  });
  expect(new Date(String(first?.['timestamp'])).getTime()).toBeGreaterThanOrEqual(begun);
  expect(second).toMatchObject({
    level: 'error',
    err: { name: 'Error', message: 'why', stack: expect.any(String) },
  });
  expect(second?.['err']).not.toHaveProperty('type');
});

it('leaves out what is below its level', async () => {
  const log = open('warn');
  log.debug({}, 'd');
  log.info({}, 'i');
  log.warn({}, 'w');
  log.error({}, 'e');
  await log.close();
  expect((await lines()).map((line) => line['message'])).toEqual(['w', 'e']);
});

it('A62 key-in-log: a key never reaches the file, be it in the message, a field, a child or an error', async () => {
  const log = open('debug');
  log.info({ headers: { note: `x ${KEY}` }, apiKey: 'short1' }, `called with ${KEY}`);
  log.child({ url: `https://h/?k=${KEY}` }).warn({}, 'child');
  log.error({ err: new Error(`401 for ${KEY}`, { cause: new Error(KEY) }) }, 'failed');
  await log.close();
  const text = JSON.stringify(await lines());
  expect(text).not.toContain(KEY);
  expect(text).not.toContain('short1');
});

it('is readable by its owner alone', async () => {
  const log = open('info');
  log.info({}, 'x');
  await log.close();
  const [name] = await readdir(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, name ?? ''))).mode & 0o777).toBe(0o600);
});

it('goes on in the file of the day after a restart, also beside other files with numbers in their names', async () => {
  for (const message of ['one', 'two']) {
    const log = open('info');
    log.info({}, message);
    await log.close();
    await writeFile(join(folder, `cli-errors.${new Date().toISOString().slice(0, 10)}.log`), 'x');
  }
  expect((await lines()).map((line) => line['message'])).toEqual(['one', 'two']);
});

it('keeps every line whole while two processes write', async () => {
  const script = fileURLToPath(new URL('./log-writer.ts', import.meta.url));
  const log = open('info');
  for (let i = 0; i < 500; i += 1) log.info({ filler: 'x'.repeat(300) }, `ours ${i}`);
  const other = spawnSync(process.execPath, ['--import', 'tsx', script, folder], { encoding: 'utf8' });
  expect(other.stderr).toBe('');
  await log.close();
  expect(await lines()).toHaveLength(1_000);
});

it('writes nothing after close and does not mind being asked', async () => {
  const log = open('info');
  log.info({}, 'before');
  await log.close();
  log.info({}, 'after');
  await log.close();
  expect(await lines()).toHaveLength(1);
});

it('removes files that are over thirty days old when it starts, and nothing else', async () => {
  const first = open('info');
  first.info({}, 'x');
  await first.close();
  await writeFile(join(folder, 'df.2020-01-01.1.jsonl'), '');
  await writeFile(join(folder, 'cli-errors.2020-01-01.log'), '');
  await writeFile(join(folder, 'notes.txt'), '');
  const log = open('info');
  log.info({}, 'x');
  await log.close();
  const names = await readdir(folder);
  expect(names).toContain('notes.txt');
  expect(names.filter((name) => name.includes('2020'))).toEqual([]);
});

it('counts the days by the name of the file', () => {
  const now = new Date('2026-03-31T12:00:00Z');
  expect(LOG_DAYS).toBe(30);
  expect(
    expiredLogs(['df.2026-03-01.1.jsonl', 'df.2026-02-28.1.jsonl', 'df.2026-03-31.2.jsonl', 'x'], now),
  ).toEqual(['df.2026-02-28.1.jsonl']);
});

it('makes no file as long as nothing is written, and loads nothing', async () => {
  const log = open('warn');
  log.info({}, 'too unimportant');
  await log.close();
  await expect(readdir(folder)).rejects.toThrow('ENOENT');
});

it('says once that it cannot be written, and never throws', async () => {
  await writeFile(folder, 'a file stands where the folder should be');
  const problems: string[] = [];
  const log = createLog({
    folder,
    level: 'info',
    now: () => new Date(),
    onProblem: (text) => problems.push(text),
  });
  log.info({}, 'one');
  log.info({}, 'two');
  await log.close();
  expect(problems).toEqual([expect.stringContaining('EEXIST')]);
  expect(() => noLog.child({}).error({}, 'x')).not.toThrow();
});

it('is written by the built program as well, which has its own way to load what writes', async () => {
  expect(await runDf(['stop', '--all'], { home })).toMatchObject({ code: 0, stderr: '' });
  expect(await lines()).toEqual([expect.objectContaining({ type: 'factory.halted', level: 'info' })]);
});
