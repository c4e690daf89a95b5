import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGit } from '../../../src/git/run/git.ts';
import { withLock } from '../../../src/git/run/lock.ts';
import { type Compiled, compile } from '../../support/compiled.ts';
import { until } from '../../support/until.ts';

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

const timings = { refreshMs: 50, silentMs: 400, observeMs: 200 };
const options = { what: 'the thing', patienceMs: 20_000, timings };
const git = createGit({ env: process.env });
const GIT = new URL('../../../src/git/run/git.ts', import.meta.url);
const LOCK = new URL('../../../src/git/run/lock.ts', import.meta.url);
let compiled: Compiled;
beforeAll(async () => {
  compiled = await compile(GIT, LOCK);
});
afterAll(() => compiled?.remove());

/** A process that takes the lock, runs `body` while it has it, and says what `body` prints. */
async function holder(body: string): Promise<ChildProcess> {
  const script = join(folder, `${randomUUID()}.mjs`);
  await writeFile(
    script,
    `import { spawn } from 'node:child_process';
     import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
     import { withLock } from ${JSON.stringify(compiled.file(LOCK))};
     import { createGit } from ${JSON.stringify(compiled.file(GIT))};
     const git = createGit({ env: process.env });
     const folder = ${JSON.stringify(folder)};
     const options = ${JSON.stringify(options)};
     const file = ${JSON.stringify(file)};
     ${body}`,
  );
  const child = spawn(process.execPath, [script], {
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
        withLock(git, file, options, async () => {
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
    const failing = withLock(git, file, options, async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await withLock(git, file, options, async () => 'free')).toBe('free');
  });

  it('lets one in at a time over several processes, some of which are killed', async () => {
    // Each adds one to a counter by reading and writing; a lost update would show.
    const body = (rounds: string) => `
      writeFileSync(folder + '/count', '0', { flag: 'a' });
      console.log('start');
      for (let round = 0; round < ${rounds}; round++)
        await withLock(git, file, options, async () => {
          const before = readFileSync(folder + '/entered', 'utf8').length;
          appendFileSync(folder + '/entered', 'x');
          await new Promise((resolve) => setTimeout(resolve, 2));
          if (readFileSync(folder + '/entered', 'utf8').length !== before + 1) appendFileSync(folder + '/broken', 'x');
        });`;
    await writeFile(join(folder, 'entered'), '');
    const processes = await Promise.all(['Infinity', '30', '30'].map((rounds) => holder(body(rounds))));
    await Promise.all(processes.map(said));
    processes[0]?.kill('SIGKILL');
    await Promise.all(processes.map(ended));
    expect(await readdir(folder)).not.toContain('broken');
    expect(processes.map((child) => child.exitCode)).toEqual([null, 0, 0]);
  });

  it.runIf(process.platform === 'linux').each(['SIGKILL', 'SIGSTOP'] as const)(
    'takes over from a process that got %s, after ending its git; of one that goes on no further git is started',
    async (signal) => {
      const child = await holder(`
        await withLock(git, file, options, async (held) => {
          const hang = "alias.hang=!echo $$ > '" + folder + "/pid'; echo; sleep 300";
          const first = held.bare(['-c', hang, 'hang']).then(() => 'answered', (error) => error.code);
          console.log('held');
          const second = await first.then(() => held.bare(['init', folder + '/late']));
        }).catch((error) => console.log(error.code));
        process.exit();`);
      await said(child);
      const orphan = await until(
        async () => Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => 0)) || undefined,
      );
      child.kill(signal);
      await withLock(git, file, options, async () => {
        const { host } = await git.processes.self();
        expect(await git.processes.liveness({ host, pid: orphan, startedAt: 'unknown' })).toBe('dead');
        if (signal === 'SIGSTOP') {
          child.kill('SIGCONT');
          expect(await said(child)).toBe('lock_lost');
        }
        await ended(child);
      });
      expect(await readdir(folder)).not.toContain('late');
      expect(await readdir(join(folder, 'below'))).toEqual([]);
    },
  );

  it('says who holds it when the patience ends', async () => {
    const child = await holder(`
      await withLock(git, file, options, async () => {
        console.log('held');
        await new Promise(() => setInterval(() => {}, 1000));
      });`);
    await said(child);
    await expect(withLock(git, file, { ...options, patienceMs: 50 }, async () => {})).rejects.toMatchObject({
      code: 'git_busy',
      message: expect.stringContaining(`the thing is in use by process ${child.pid}`),
    });
  });

  it('leaves a lock that is a file, as older programs made it, alone while it gives signs, and then takes it over', async () => {
    await withLock(git, file, options, async () => writeFile(join(folder, 'below', 'keep'), ''));
    await writeFile(file, '');
    const impatient = { ...options, patienceMs: 50 };
    await expect(withLock(git, file, impatient, async () => {})).rejects.toMatchObject({ code: 'git_busy' });
    await utimes(file, new Date(0), new Date(0));
    expect(await withLock(git, file, options, async () => 'in')).toBe('in');
  });
});
