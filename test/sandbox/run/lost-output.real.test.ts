import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPipes, type Pipes } from '../../../src/sandbox/run/pipes.ts';
import { type RunOptions, type RunOutcome, runLaunch } from '../../../src/sandbox/run/run.ts';

let folder: string;
let pipes: Pipes;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'output-'));
  pipes = createPipes(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a shell that has told its starter on standard error that the command begins. */
function run(script: string, more: Partial<RunOptions> = {}, into = pipes): Promise<RunOutcome> {
  return runLaunch(into, {
    launch: { file: '/bin/sh', args: ['-c', `printf '\\0' >&2; ${script}`], env: {}, cwd: folder },
    ownProcesses: false,
    mark: 'DF_TEST_OUTPUT=1',
    limits: { maxProcesses: 100, memory: 1024 ** 3 },
    timeoutMs: 20_000,
    outputFile: join(folder, 'output'),
    outputSize: 1024 ** 2,
    ...more,
  });
}

describe('the output of a command', () => {
  it('A99 output-lost: that did not arrive is an error, and not empty output', async () => {
    await expect(run('exec > /dev/null; echo lost')).rejects.toMatchObject({ code: 'output_lost' });
  });

  it('that is empty is empty, once its mark arrived', async () => {
    expect(await run(`printf '\\0'`)).toMatchObject({ exitCode: 0, captured: { bytes: 0, kept: 0 } });
  });

  it('has no place any more where its folder or the sandbox is gone: the run fails with words, and removes what was made for it', async () => {
    const removed: string[] = [];
    const launch = { file: '/bin/true', args: [], env: {}, cwd: '/', after: () => removed.push('launch') };
    const outputFile = join(folder, 'gone', 'output');
    await expect(run('', { launch, outputFile })).rejects.toMatchObject({ code: 'output_unwritable' });
    const closed = createPipes(join(folder, 'closed'));
    await expect(run('', { launch }, closed)).rejects.toMatchObject({ code: 'sandbox_failed' });
    expect(removed).toEqual(['launch', 'launch']);
    // Nothing of the failure is remembered.
    await mkdir(join(folder, 'closed'));
    const both = await Promise.all([run(`printf '\\0'`, {}, closed), run(`printf '\\0'`, {}, closed)]);
    expect(both).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
  });

  it('is counted and kept without the mark, whatever bytes it has itself', async () => {
    expect(await run(`printf '\\0'; sleep 0.1; printf '\\0\\0three'`)).toMatchObject({
      captured: { bytes: 7, kept: 7 },
    });
    expect(await readFile(join(folder, 'output'))).toEqual(Buffer.from('\0\0three'));
  });
});
