import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runDf } from '../../support/processes/processes.ts';
import { embeddedHome } from './machine-support.ts';

const program = fileURLToPath(new URL('../../../dist/bin/df.js', import.meta.url));

describe('the program', () => {
  test('uses the name it was called by', async () => {
    const options = await embeddedHome();
    const link = join(options.repository.outside, 'dark-factory');
    await symlink(program, link);
    const child = spawn(process.execPath, [link, 'list'], { env: { ...options.env, DF_HOME: options.home } });
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    expect(said).toContain('dark-factory init');
  });

  test('a reader that goes away early is no error', async () => {
    const options = await embeddedHome();
    const child = spawn('/bin/sh', ['-c', `"${process.execPath}" "${program}" --help | true; exit 0`], {
      env: { ...options.env, DF_HOME: options.home },
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    await once(child, 'close');
    expect(said).toBe('');
  });

  test('a command that only looks makes no home and starts nothing', async () => {
    const options = await embeddedHome();
    const home = join(options.repository.outside, 'home');
    expect((await runDf(['list', '--json'], { ...options, home, cwd: options.repository.dir })).stdout).toBe(
      '[]\n',
    );
    await expect(stat(home)).rejects.toThrow('ENOENT');
  });

  test('whose folder is gone does what needs none, and says of the rest that it is gone', async () => {
    const options = await embeddedHome();
    const gone = join(options.repository.outside, 'gone');
    const there = async (...args: string[]) => {
      const inside = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"';
      const words = ['-c', inside, gone, process.execPath, program, ...args];
      const child = spawn('/bin/sh', words, { env: { ...options.env, DF_HOME: options.home } });
      const said = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const)
        child[name].on('data', (text) => {
          said[name] += text;
        });
      const [code] = (await once(child, 'close')) as [number];
      return { code, ...said };
    };
    expect(await there('list', '--json')).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
    const refused = await there('init', 'x', '--description', 'y', '--json');
    expect(refused).toMatchObject({ code: 4, stdout: '' });
    expect(JSON.parse(refused.stderr)).toMatchObject({ error: { code: 'folder_gone' } });
  });

  test('--help needs no library at all', async () => {
    const options = await embeddedHome();
    const alone = join(options.repository.outside, 'alone');
    await cp(fileURLToPath(new URL('../../../dist', import.meta.url)), join(alone, 'dist'), {
      recursive: true,
    });
    await writeFile(join(alone, 'package.json'), '{"type":"module"}');
    const child = spawn(process.execPath, [join(alone, 'dist', 'bin', 'df.js'), '--help'], { env: {} });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
  });
});
