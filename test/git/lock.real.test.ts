import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOCK_VARIABLE, withLock } from '../../src/git/lock.ts';
import { startOf } from '../../src/git/processes.ts';

let folder: string;
let file: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'df-lock-'));
  file = join(folder, 'below', 'lock');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const options = { what: 'the thing', patienceMs: 20_000 };
const LOCK = new URL('../../src/git/lock.ts', import.meta.url).href;

/** A process that takes the lock, runs `body` while it has it, and says what `body` prints. */
async function holder(body: string): Promise<ChildProcess> {
  const script = join(folder, `holder-${children.length}.mts`);
  await writeFile(
    script,
    `import { spawn } from 'node:child_process';
     import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
     import { withLock } from ${JSON.stringify(LOCK)};
     const folder = ${JSON.stringify(folder)};
     const options = ${JSON.stringify(options)};
     const file = ${JSON.stringify(file)};
     ${body}`,
  );
  const child = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}
const said = (child: ChildProcess) =>
  new Promise<string>((resolve) =>
    child.stdout?.once('data', (data: Buffer) => resolve(data.toString().trim())),
  );
const ended = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });

describe('withLock', () => {
  it('lets one in at a time, and leaves nothing behind', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        withLock(file, options, async () => {
          inside += 1;
          most = Math.max(most, inside);
          await wait(1);
          inside -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
    expect(await readdir(join(folder, 'below'))).toEqual([]);
  });

  it('frees the lock when the work fails', async () => {
    const failing = withLock(file, options, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await withLock(file, options, async () => 'free')).toBe('free');
  });

  it('lets one in at a time over several processes, some of which are killed', async () => {
    // Each adds one to a counter by reading and writing; a lost update would show.
    const body = `
      writeFileSync(folder + '/count', '0', { flag: 'a' });
      console.log('start');
      for (let round = 0; round < 30; round++)
        await withLock(file, options, async () => {
          const before = readFileSync(folder + '/entered', 'utf8').length;
          appendFileSync(folder + '/entered', 'x');
          await new Promise((resolve) => setTimeout(resolve, 2));
          if (readFileSync(folder + '/entered', 'utf8').length !== before + 1) appendFileSync(folder + '/broken', 'x');
        });`;
    await writeFile(join(folder, 'entered'), '');
    const processes = await Promise.all([holder(body), holder(body), holder(body)]);
    await Promise.all(processes.map(said));
    processes[0]?.kill('SIGKILL');
    await Promise.all(processes.map(ended));
    expect(await readdir(folder)).not.toContain('broken');
    expect(processes.map((child) => child.exitCode)).toEqual([null, 0, 0]);
  });

  it.runIf(process.platform === 'linux')(
    'takes over from a process that was killed, after ending what it had started',
    async () => {
      const child = await holder(`
        await withLock(file, options, async (variables) => {
          const orphan = spawn('sleep', ['300'], { env: { ...process.env, ...variables }, detached: true });
          console.log(orphan.pid);
          await new Promise(() => setInterval(() => {}, 1000));
        });`);
      const orphan = Number(await said(child));
      child.kill('SIGKILL');
      await ended(child);
      expect(await startOf(orphan)).not.toBeNull();
      await withLock(file, options, async (variables) => expect(variables).toHaveProperty(LOCK_VARIABLE));
      expect(await startOf(orphan)).toBeNull();
    },
  );

  it('says who holds it when the patience ends', async () => {
    const child = await holder(`
      await withLock(file, options, async () => {
        console.log('held');
        await new Promise(() => setInterval(() => {}, 1000));
      });`);
    await said(child);
    await expect(withLock(file, { ...options, patienceMs: 50 }, async () => {})).rejects.toMatchObject({
      code: 'git_busy',
      message: expect.stringContaining(`the thing is in use by process ${child.pid}`),
    });
  });

  it('leaves the lock of another machine alone while it gives signs, and takes an unreadable one over', async () => {
    await withLock(file, options, async () => {});
    const other = { token: 't', pid: 1, start: null, where: 'another machine' };
    await writeFile(file, JSON.stringify(other));
    const impatient = { ...options, patienceMs: 50 };
    await expect(withLock(file, impatient, async () => {})).rejects.toMatchObject({ code: 'git_busy' });
    await writeFile(file, '');
    await expect(withLock(file, impatient, async () => {})).rejects.toMatchObject({ code: 'git_busy' });
    await utimes(file, new Date(), new Date());
  });
});
