import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../.ci/summary.mjs', import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'summary-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function summary(report: string, status: number, check = 0) {
  const file = join(folder, 'report.json');
  await writeFile(file, report);
  const result = spawnSync(process.execPath, [SCRIPT, file, String(check), String(status)], {
    encoding: 'utf8',
  });
  return { last: result.stdout.trimEnd().split('\n').at(-1), code: result.status };
}

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const report = (...testResults: object[]) => JSON.stringify({ testResults });

it('ends with the count of all tests and succeeds when none failed', async () => {
  const text = report(file('passed', 'passed', 'passed'), file('passed', 'passed', 'skipped'));
  expect(await summary(text, 0)).toEqual({ last: '3 passed, 0 failed', code: 0 });
});

it('fails when a test failed', async () => {
  expect(await summary(report(file('failed', 'passed', 'failed')), 1)).toEqual({
    last: '1 passed, 1 failed',
    code: 1,
  });
});

it('counts a file that failed outside of its tests', async () => {
  const text = report(file('passed', 'passed'), file('failed', 'passed', 'passed'), file('failed'));
  expect(await summary(text, 1)).toEqual({ last: '3 passed, 2 failed', code: 1 });
});

it('counts a failed check', async () => {
  expect(await summary(report(file('passed', 'passed')), 0, 1)).toEqual({
    last: '1 passed, 1 failed',
    code: 1,
  });
});

it('never reports success when vitest failed, left no report, or ran nothing', async () => {
  expect(await summary(report(file('passed', 'passed')), 1)).toEqual({ last: '1 passed, 1 failed', code: 1 });
  expect(await summary('{"testRes', 0)).toMatchObject({ code: 1 });
  expect(await summary(report(), 0)).toEqual({ last: '0 passed, 0 failed', code: 1 });
});
