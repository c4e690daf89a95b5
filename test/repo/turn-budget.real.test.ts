import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const TOP = fileURLToPath(new URL('../../', import.meta.url));

it('keeps a turn within the syncs, programs and opened files that bench/turn/budget.ts allows', async () => {
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', 'bench/run.ts', 'budget'], {
    cwd: TOP,
  });
  await expect(run).resolves.toMatchObject({ stdout: expect.stringMatching(/syncs +\d/), stderr: '' });
});
