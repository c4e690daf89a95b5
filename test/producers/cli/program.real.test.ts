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
