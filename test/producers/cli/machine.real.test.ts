import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../../src/factory/diagnosis/check.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { commandHere } from '../../support/processes/command.ts';
import { processesOf } from '../../support/processes/process-list.ts';
import { type DfOptions, runDf, startDf } from '../../support/processes/processes.ts';
import { call, scenario, sequence } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';
import { embeddedHome } from './machine-support.ts';

describe('df up', () => {
  test('starts the embedded Redis, a worker and the board, prints its link, and ends all of it on SIGTERM', async () => {
    const options = await embeddedHome();
    const up = startDf(['up', '--port', '0', '--json'], options);
    // Not before its worker can take work.
    await up.says('"workers":1');
    const { board, workers, redis } = JSON.parse(up.stdout()) as {
      board: string;
      workers: number;
      redis: string;
    };
    expect({ workers, redis }).toEqual({ workers: 1, redis: 'the embedded Redis' });
    expect((await fetch(new URL('/', board))).status).toBe(401);
    expect((await fetch(board, { redirect: 'manual' })).status).toBeLessThan(400);
    const status = await runDf(['init', 'x', '-d', 'y', '--no-test', '--json'], options);
    const { id } = JSON.parse(status.stdout) as Project;
    expect(JSON.parse((await runDf(['status', id, '--json'], options)).stdout)).toMatchObject({ workers: 1 });
    const { code } = await up.stop();
    expect(code).toBe(0);
    expect(processesOf(options.home)).toEqual([]);
  });

  test('nothing of it outlives a SIGKILL of its parent', async () => {
    const options = await embeddedHome();
    const up = startDf(['up', '--no-board', '--workers', '2'], options);
    await until(() => (up.stderr().match(/is ready/g) ?? []).length === 2, 60_000);
    up.kill('SIGKILL');
    await up.exited;
    await until(() => processesOf(options.home).length === 0, 30_000, 'workers and Redis are gone');
  });

  test('ends with the exit code of a worker that cannot work here', async () => {
    const options = await embeddedHome();
    const up = await runDf(['up', '--no-board'], {
      ...options,
      env: { ...options.env, REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect(up.code).toBe(4);
    expect(up.stderr).toContain('redis://127.0.0.1:1');
  });
});

describe('df doctor', () => {
  const checks = async (options: DfOptions) => {
    const result = await runDf(['doctor', '--json'], options);
    const { ok, checks: list } = JSON.parse(result.stdout) as { ok: boolean; checks: Check[] };
    return { code: result.code, ok, of: (name: string) => list.filter((each) => each.name === name) };
  };

  test('tries sandbox, push and Redis, and leaves nothing behind', async () => {
    const options = await embeddedHome();
    const { code, ok, of } = await checks(options);
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(of('redis')).toMatchObject([{ status: 'ok', detail: expect.stringContaining('persistence aof') }]);
    expect(of('sandbox')).toMatchObject([{ status: 'ok' }]);
    expect(of('push').length).toBeGreaterThan(4);
    expect(of('push').every(({ status }) => status === 'ok')).toBe(true);
    expect(of('publish')).toMatchObject([{ status: 'ok' }]);
    expect(of('providers')).toMatchObject([{ status: 'warn' }]);
    expect(
      (await readdir(tmpdir())).filter((name) => name.startsWith('df-doctor') || name.startsWith('df-push')),
    ).toEqual([]);
  });

  test('ends with 4 and a remedy when Redis is away or the master key may be read by others', async () => {
    const options = await embeddedHome();
    await runDf(
      ['provider', 'add', '--name', 'openai', '--model', 'gpt-5-mini', '--api-key', 'sk-x-1234567890'],
      options,
    );
    await chmod(join(options.home, 'master.key'), 0o644);
    const { code, ok, of } = await checks({
      ...options,
      env: { ...options.env, REDIS_URL: 'redis://127.0.0.1:1' },
    });
    expect({ code, ok }).toEqual({ code: 4, ok: false });
    expect(of('redis')).toMatchObject([{ status: 'fail', remedy: expect.stringContaining('REDIS_URL') }]);
    expect(of('master key')).toMatchObject([
      { status: 'fail', remedy: expect.stringContaining('chmod 600') },
    ]);
  });

  test('A65 no-bwrap: says that no sandbox can be had', async () => {
    const options = await embeddedHome();
    await writeFile(join(options.home, 'config.yaml'), 'sandbox:\n  mode: sandbox-exec\n');
    const { code, of } = await checks(options);
    expect(code).toBe(4);
    expect(of('sandbox')).toMatchObject([{ status: 'fail' }]);
  });
});

describe('without a sandbox', () => {
  test('A65 no-bwrap: worker, up and run end with 4 and the reason, and no project is made', async () => {
    const s = await scenario();
    const config = await readFile(join(s.home, 'config.yaml'), 'utf8');
    await writeFile(join(s.home, 'config.yaml'), `${config}sandbox:\n  mode: sandbox-exec\n`);
    for (const args of [['worker'], ['up', '--no-board'], ['run', 'fix', '--description', 'Fix it.']]) {
      const { code, stderr } = await runDf(args, { home: s.home, env: s.env, cwd: s.repository.dir });
      expect([args[0], code], stderr).toEqual([args[0], 4]);
      expect(stderr).toContain('No sandbox works on this machine');
    }
    expect(await s.json('list')).toEqual([]);
    const probes = await s.worker('--queues', 'provider-probes');
    expect((await probes.stop()).code).toBe(0);
  });
});

describe('df setup', () => {
  test('writes a commented config.yaml, keeps the one that is there, and replaces it only with --force', async () => {
    const options = await embeddedHome();
    const file = join(options.home, 'config.yaml');
    const first = await runDf(['setup', '--max-runtime', '90m', '--json'], options);
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ ok: true, configFile: 'written' });
    expect(await readFile(file, 'utf8')).toMatch(/^defaultMaxRuntime: 90m$/m);
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await stat(join(options.home, 'master.key'))).mode & 0o777).toBe(0o600);
    const again = await runDf(['setup'], options);
    expect(again.stdout).toContain('left as it is');
    expect((await runDf(['setup', '--max-runtime', '2h'], options)).code).toBe(2);
    expect((await runDf(['setup', '--max-runtime', '2h', '--force'], options)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('2h');
    expect(await readFile(`${file}.old`, 'utf8')).toContain('90m');
  });
});

test('df setup asks nothing of whom it could not heed: the config.yaml that is there stays', async () => {
  const s = await scenario();
  const file = join(s.home, 'config.yaml');
  const before = await readFile(file, 'utf8');
  const terminal = { home: s.home, env: s.env, columns: 500, sits: true };
  const kept = await commandHere(['setup'], terminal);
  expect([kept.code, kept.stdout], kept.stderr).toEqual([0, expect.stringContaining('left as it is')]);
  const refused = await commandHere(['setup', '--max-runtime', '2h'], terminal);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('is there already')]);
  expect(await readFile(file, 'utf8')).toBe(before);
});

describe('df clean', () => {
  test('removes the worktrees of ended projects and old files, never a branch, and first only says so', async () => {
    const s = await scenario({
      script: sequence([
        call('write_file', { path: 'half.txt', content: 'half\n' }),
        call('bash', { command: 'sleep 60' }),
      ]),
    });
    const project = await s.init('left');
    const worker = await s.worker();
    await s.df('start', 'left');
    await until(() => s.model.requests.length >= 2);
    worker.kill('SIGKILL');
    await worker.exited;
    // Nobody is there to put the worktree away.
    expect((await s.df('stop', 'left')).code).toBe(0);
    const folder = join(s.home, 'data', 'projects', project.id, 'output');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'old.txt'), 'old');
    await writeFile(join(folder, 'new.txt'), 'new');
    await utimes(join(folder, 'old.txt'), 1, 1);

    const planned = await s.json<{ worktrees: string[]; files: string[] }>('clean', '--dry-run');
    expect(planned).toMatchObject({ worktrees: [project.worktreePath], files: [join(folder, 'old.txt')] });
    expect((await stat(project.worktreePath)).isDirectory()).toBe(true);

    expect(await s.json('clean')).toMatchObject({ worktrees: [project.worktreePath] });
    await expect(stat(project.worktreePath)).rejects.toThrow('ENOENT');
    expect(await readdir(folder)).toContain('new.txt');
    expect(await readdir(folder)).not.toContain('old.txt');
    expect(await s.repository.git('show', `${project.workBranch}:half.txt`)).toBe('half');
    expect(await s.json('clean')).toMatchObject({ worktrees: [], files: [] });
  });
});

describe('df demo', () => {
  test('completes, shows what to look at, says that only the model was scripted, and leaves no process', async () => {
    const options = await embeddedHome();
    const result = await runDf(['demo'], options);
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toMatch(/engineer · step \d · .* · \$0\.\d+/);
    for (const part of [
      'completed',
      'src/cart.js',
      '2 of 2 tasks completed',
      'git -C',
      'Only the model was scripted',
    ]) {
      expect(result.stdout).toContain(part);
    }
    const folder = /Everything is in (\S+);/.exec(result.stdout)?.[1] ?? '';
    expect(await readFile(join(folder, 'report.md'), 'utf8')).toContain('## Proved (2)');
    expect(processesOf(folder)).toEqual([]);
    // The owner's own home is not touched.
    expect(await readdir(options.home)).toEqual([]);
    const { rm } = await import('node:fs/promises');
    await rm(folder, { recursive: true });
  });
});
