import { once } from 'node:events';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDf } from '../../support/processes/processes.ts';
import { scenario } from '../../support/scenario.ts';

describe('what the command line says', () => {
  test('of a project that never began: no branch is named; of a second one with its name: use the id; of Ctrl-C without a worker: it waits', async () => {
    const s = await scenario();
    const first = await s.init('solo');
    const again = await s.df('init', 'solo', '-d', 'Again.', '--no-lint', '--no-format');
    expect(again.stderr).toContain(`Another project has this name (${first.id.slice(0, 8)}, initializing)`);
    const where = { home: s.home, env: s.env, cwd: s.repository.dir };
    const waiting = startDf(['start', first.id, '--wait'], where);
    await waiting.says('initializing');
    waiting.kill('SIGINT');
    const { stderr } = await waiting.exited;
    expect(stderr).toContain('solo waits for a worker');
    expect(stderr).not.toContain('goes on.');
    const stopped = await s.df('stop', first.id);
    expect(stopped.stdout).toContain('there is no branch');
    expect(stopped.stdout).not.toContain(first.workBranch);

    const busy = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void busy.close());
    await once(busy, 'listening');
    const address = busy.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await writeFile(join(s.home, 'config.yaml'), `board:\n  port: ${port}\n`, { mode: 0o600 });
    const board = startDf(['board', '--json'], where);
    await board.says('"url":"http://127.0.0.1:');
    expect(board.stderr()).toContain(`Port ${port} is in use, so the board takes `);
    const taken = Number(/takes (\d+)\./.exec(board.stderr())?.[1]);
    expect(taken - port).toBeGreaterThan(0);
    expect(taken - port).toBeLessThan(20);
    await board.stop();
    const asked = await s.program('board', '--port', String(port));
    expect(asked).toMatchObject({ code: 4, stderr: expect.stringContaining('the port is in use') });
  });

  test.each([
    ['a folder', (file: string) => mkdir(file)],
    ['a link to itself', (file: string) => symlink(file, file)],
    ['no text', (file: string) => writeFile(file, Buffer.from([0, 1, 2, 0xff, 0xfe]))],
  ])(
    'of a config.yaml, or personas in the home, that is %s: the file, and no surprise',
    async (_kind, make) => {
      const s = await scenario();
      for (const name of ['config.yaml', 'personas']) {
        await rm(join(s.home, name), { recursive: true, force: true });
        await make(join(s.home, name));
        const { code, stderr } = await s.df('persona', 'list');
        expect(stderr).not.toContain('unexpected');
        if (code !== 0) expect(stderr).toContain(name);
        await rm(join(s.home, name), { recursive: true, force: true });
      }
    },
  );
});
