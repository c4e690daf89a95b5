import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  type StuckWorker,
  startWorkerProcesses,
} from '../../../../../src/producers/cli/commands/machine/worker-processes.ts';
import { until } from '../../../../support/until.ts';

/** Stands in for the program: each of its starts takes the next place in `ENDS`, and lives on where that says `null`. */
const SCRIPT = `
import { existsSync, mkdirSync } from 'node:fs';
const ends = JSON.parse(process.env.ENDS);
let at = 0;
for (; ; at++) {
  try { mkdirSync(process.env.PLACES + '/' + at); break; }
  catch (error) { if (error.code !== 'EEXIST') throw error; }
}
process.on('disconnect', () => process.exit(0));
const end = ends[at] ?? null;
if (end?.ready === false) {
  process.stderr.write('Redis does not answer');
  process.exit(end.code);
}
process.send('ready');
if (end !== null) setInterval(() => { if (existsSync(process.env.PLACES + '/go')) process.exit(end.code); }, 10);
`;

async function workers(count: number, ends: readonly ({ ready: boolean; code: number } | null)[]) {
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  const script = join(folder, 'script.mjs');
  await writeFile(script, SCRIPT);
  const stuck: StuckWorker[] = [];
  const restarts: string[] = [];
  const env = { ...process.env, ENDS: JSON.stringify(ends), PLACES: folder };
  const started = startWorkerProcesses({
    ...{ script, count, args: [], env, show: false },
    onRestart: (detail) => restarts.push(detail),
    onStuck: (each) => stuck.push(each),
  });
  onTestFinished(async () => {
    await started.stop();
    await rm(folder, { recursive: true });
  });
  return { ...started, stuck, restarts, go: () => writeFile(join(folder, 'go'), '') };
}

test('A174 none can begin in the place of a worker that died: the others work on, it is tried until it can, and told once', async () => {
  const cannot = { ready: false, code: 4 };
  const begun = await workers(2, [{ ready: true, code: 1 }, null, cannot, cannot]);
  let ended: unknown = null;
  void begun.unusable.then((end) => (ended = end));
  await begun.ready;
  await begun.go();
  await until(
    () => begun.restarts.length === 3,
    60_000,
    () => begun.restarts.join('\n'),
  );
  expect(begun.restarts).toEqual(
    [1, 4, 4].map((code) => `a worker ended (exit code ${code}) and is started again`),
  );
  expect(begun.stuck).toEqual([{ exitCode: 4, said: 'Redis does not answer', others: 1 }]);
  expect(ended).toBeNull();
});

test('A174 a worker that could never begin is no reason to try again: how it ended is handed on', async () => {
  const begun = await workers(1, [{ ready: false, code: 4 }]);
  expect(await begun.unusable).toEqual({ exitCode: 4, said: 'Redis does not answer' });
  expect({ stuck: begun.stuck, restarts: begun.restarts }).toEqual({ stuck: [], restarts: [] });
});
