import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { evidence } from '../../src/factory/model/task.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/bin/df.js', import.meta.url));
const BUN = join(dirname(createRequire(import.meta.url).resolve('bun/package.json')), 'bin', 'bun.exe');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bun-'));
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function run(file: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const options = {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, ...env },
  };
  let [stdout, stderr] = ['', ''];
  const child = execFile(file, args, options);
  child.stdout?.on('data', (text: string) => (stdout += text));
  child.stderr?.on('data', (text: string) => (stderr += text));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

const taskFile = z.looseObject({ tasks: z.array(z.looseObject({ evidence: z.array(evidence) })) });

describe('under Bun', () => {
  it('a project is proved by commands whose output is there, byte by byte as counted', async () => {
    const result = await run(BUN, [PROGRAM, 'demo', '--json', '--dir', 'demo']);
    expect(result.code, result.stderr).toBe(0);
    const { id } = z
      .object({ project: z.object({ id: z.string() }) })
      .parse(JSON.parse(result.stdout)).project;
    const project = join(folder, 'demo', 'home', 'data', 'projects', id);
    const { tasks } = taskFile.parse(parse(await readFile(join(project, 'tasks.yaml'), 'utf8')));
    const proofs = tasks.flatMap((task) => task.evidence).filter(({ command }) => command !== undefined);
    expect(proofs.length).toBeGreaterThanOrEqual(2);
    for (const { name, outputFile = '', outputBytes } of proofs) {
      expect(outputBytes, name).toBeGreaterThan(0);
      expect((await stat(join(project, outputFile))).size, name).toBe(outputBytes);
    }
    const said = await Promise.all(
      proofs.map(({ outputFile = '' }) => readFile(join(project, outputFile), 'utf8')),
    );
    expect(said.join('\n')).toContain('pass 3');
  });

  it('the program runs where the PATH has no Node, by its other name too, and says what runs it', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin);
    await symlink(BUN, join(bin, 'bun'));
    await symlink('/bin/sh', join(bin, 'sh'));
    await symlink(PROGRAM, join(bin, 'dark-factory'));
    const env = { PATH: bin, DF_HOME: join(folder, 'home') };
    const help = await run(join(bin, 'dark-factory'), ['-h'], env);
    expect(help).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: dark-factory/) });
    const { stdout } = await run(join(bin, 'dark-factory'), ['doctor', '--json'], env);
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(dirname(BUN), '..', 'package.json'), 'utf8')));
    expect(stdout).toContain(`Bun ${version}, `);
  });

  it('where there is neither Bun nor Node it says so and ends with 4', async () => {
    const bin = join(folder, 'nothing');
    await mkdir(bin);
    await symlink('/bin/sh', join(bin, 'sh'));
    const result = await run(PROGRAM, ['list'], { PATH: bin });
    expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('Install Node.js') });
    expect(await readdir(bin)).toEqual(['sh']);
  });
});
