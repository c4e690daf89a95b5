import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { eachSandbox } from './each-sandbox.ts';
import { makeStage, type Stage } from './stage.ts';

const MIB = 1024 * 1024;

eachSandbox((mode) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await makeStage({
      sandbox: {
        mode,
        maxProcesses: 100,
        memory: 400 * MIB,
        fileSize: 8 * MIB,
        outputSize: 2 * MIB,
        tmpSize: 16 * MIB,
      },
    });
  });
  afterAll(() => stage.cleanup());
  afterEach(() => expect(stage.processes(), 'processes left').toEqual([]));

  it('A30 grandchild-timeout: a timeout ends children in the background that hold the output, sessions of their own too', async () => {
    const command = 'sleep 999 & setsid sleep 998 & (setsid setsid sleep 997 &) ; echo begun; sleep 999';
    // How long a start takes is the machine's business.
    let result = await stage.run(command, { timeoutMs: 700 });
    for (let timeoutMs = 2_000; result.output === '' && timeoutMs < 60_000; timeoutMs *= 3)
      result = await stage.run(command, { timeoutMs });
    expect(result).toMatchObject({ ended: 'timeout', exitCode: null, output: 'begun\n' });
  });

  it('A83 cpu-hog: a command stands back behind the factory with all that it starts, and cannot push forward', async () => {
    const result = await stage.run(
      "nice; setsid sh -c nice; sh -c 'sh -c nice'; renice -n 0 $$ >/dev/null; nice",
    );
    const [behind, ...others] = (result.output.match(/^\d+$/gm) ?? []).map(Number);
    // Once more where its starter and the shell within stood it back at the same moment.
    expect([5, 10]).toContain(behind);
    // Without a sandbox root may do what it likes.
    const last = mode === 'off' && process.getuid?.() === 0 ? 0 : behind;
    expect(others).toEqual([behind, behind, last]);
  });

  it('ends what a finished command left in the background', async () => {
    const result = await stage.run('setsid sleep 999 > /dev/null 2>&1 & sleep 998 & echo done');
    expect(result).toMatchObject({ ended: 'exit', exitCode: 0, output: 'done\n' });
  });

  it('A31 output-flood: 300 MB end in a capped file, hashed and noted, with flat memory', async () => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    const flood = 'yes 0123456789abcde | head -c 300000000; echo; echo the end';
    const result = await stage.run(flood, { timeoutMs: 120_000 });
    clearInterval(watch);
    expect(result).toMatchObject({ ended: 'exit', exitCode: 0, truncated: true, outputBytes: 300_000_009 });
    const file = await readFile(stage.outputFile);
    expect(file.length).toBe(2 * MIB);
    expect(result.outputHash).toBe(createHash('sha256').update(file).digest('hex'));
    expect(Buffer.byteLength(result.output)).toBeLessThanOrEqual(16 * 1024);
    expect(result.output).toMatch(/^0123456789abcde\n/);
    expect(result.output).toMatch(/bytes left out; only the first 2097152 were kept in the file/);
    expect(result.output).toMatch(/\nthe end\n$/);
    expect(most - before).toBeLessThan(100 * MIB);
  });

  it('A53 fork-bomb: is ended by the limit on processes while the worker goes on', async () => {
    // Without a sandbox there is no wall behind the limit: a bomb of limited size will do.
    const bomb = mode === 'off' ? 'for i in $(seq 400); do sleep 60 & done' : ':(){ :|:& };:';
    const [result, beside] = await Promise.all([
      stage.run(`${bomb}; sleep 120`, { timeoutMs: 120_000 }),
      stage.run('echo fine', { outputFile: `${stage.outputFile}-beside`, timeoutMs: 120_000 }),
    ]);
    expect(result).toMatchObject({ ended: 'processes', exitCode: null });
    expect(beside).toMatchObject({ ended: 'exit', output: 'fine\n' });
    expect((await stage.run('echo fine')).output).toBe('fine\n');
  });

  it('A53 fork-bomb: one that starts late is ended, too', async () => {
    const result = await stage.run('sleep 1; for i in $(seq 2000); do sleep 60 & done; wait', {
      timeoutMs: 120_000,
    });
    expect(result.ended).toBe('processes');
  });

  it('A54 fill-disk: a file without end is stopped at the size limit, and the command learns of it', async () => {
    const result = await stage.run('dd if=/dev/zero of=big bs=1M 2>&1; echo "code $?"');
    expect(result.output).toMatch(/code 153|File too large|size limit/i);
    expect((await stat(join(stage.worktree, 'big'))).size).toBeLessThanOrEqual(8 * MIB);
    await rm(join(stage.worktree, 'big'));
  });

  it('A54 fill-disk: many files that would use up the reserve of the disk end the command, and little ones do not', async () => {
    // More than any disk has free: every command runs on a disk that is nearly full.
    const tight = await makeStage({ sandbox: { mode, diskReserve: Number.MAX_SAFE_INTEGER } });
    try {
      expect(await tight.run('echo small > file; sleep 0.6; cat file')).toMatchObject({ exitCode: 0 });
      const fill =
        'for i in $(seq 60); do dd if=/dev/zero of=f$i bs=1M count=20 2>/dev/null; sleep 0.1; done; sleep 120';
      expect(await tight.run(fill, { timeoutMs: 120_000 })).toMatchObject({ ended: 'disk', exitCode: null });
    } finally {
      await tight.cleanup();
    }
  });

  it.skipIf(mode === 'off')('limits the private folders', async () => {
    const result = await stage.run(
      'for d in /tmp ~ /dev/shm; do for i in 1 2 3 4 5 6 7; do head -c 6000000 /dev/zero > $d/f$i || break; done; rm $d/f*; done',
    );
    expect(result.output.match(/No space left on device/g)?.length).toBe(3);
  });

  it('ends a tree that uses too much memory together', async () => {
    const hog = `node -e 'const a=[];setInterval(()=>a.push(Buffer.alloc(8e6,1)),20)'`;
    const result = await stage.run(`${hog} & ${hog} & ${hog}; wait`, { timeoutMs: 120_000 });
    expect(result).toMatchObject({ ended: 'memory', exitCode: null });
  });

  it('does not count memory that processes share against them', async () => {
    const result = await stage.run(
      // Eight processes with one and the same 100 MB are 800 MB by resident size.
      `python3 -c "
import os, time
shared = bytearray(100_000_000)
for _ in range(7):
    if os.fork() == 0:
        time.sleep(1.5); os._exit(0)
time.sleep(1.5)
print('shared')"`,
    );
    expect(result).toMatchObject({ ended: 'exit', output: 'shared\n' });
  });

  it('an abort ends the whole tree; one that came before starts nothing', async () => {
    const controller = new AbortController();
    const running = stage.run('setsid sleep 999 & touch begun; sleep 999', { signal: controller.signal });
    await until(() => stat(join(stage.worktree, 'begun')).then(() => true));
    controller.abort();
    expect(await running).toMatchObject({ ended: 'aborted', exitCode: null });

    const never = await stage.run('touch never', { signal: controller.signal });
    expect(never).toMatchObject({ ended: 'aborted', exitCode: null });
    expect(await stat(join(stage.worktree, 'never')).catch(() => null)).toBeNull();
  });

  it('an abort at any moment of the start ends everything', async () => {
    for (let delay = 0; delay < 12; delay += 1) {
      const controller = new AbortController();
      const running = stage.run('setsid sleep 999 & sleep 999', { signal: controller.signal });
      setTimeout(() => controller.abort(), delay);
      expect((await running).ended).toBe('aborted');
    }
  });

  it.skipIf(mode === 'off')(
    'a SIGKILL of the worker ends its commands; the next sandbox removes what it left',
    async () => {
      const worker = fork(fileURLToPath(new URL('./worker-process.ts', import.meta.url)), [], {
        execArgv: ['--import', 'tsx'],
        env: {
          ...process.env,
          STAGE: JSON.stringify({
            worktree: stage.worktree,
            gitDir: stage.gitDir,
            mode,
            outputFile: stage.outputFile,
          }),
        },
      });
      await until(() => stat(join(stage.worktree, 'orphan')).then(() => true), 20_000);
      expect(
        stage.processes().filter(({ command }) => command.includes('sleep 99')).length,
      ).toBeGreaterThanOrEqual(2);
      worker.kill('SIGKILL');
      await once(worker, 'exit');
      await until(
        () => stage.processes().length === 0,
        5_000,
        () => JSON.stringify(stage.processes()),
      );

      const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.includes(`-${worker.pid}-`));
      expect(left().length).toBe(1);
      const next = await makeStage({ sandbox: { mode } });
      await next.cleanup();
      expect(left()).toEqual([]);
    },
  );
});
