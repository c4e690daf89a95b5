import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';

const BUN = join(dirname(createRequire(import.meta.url).resolve('bun/package.json')), 'bin', 'bun.exe');
const TOP = fileURLToPath(new URL('../../', import.meta.url));
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')));
const packed = z
  .array(z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }))
  .length(1);

let folder: string;
let tarball: string;
let files: string[];

/** Installing may have to fetch all dependencies. */
const SLOW = 300_000;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pack-'));
  // What `npm test` has built is packed; building here would pull it from under other tests.
  const [made] = packed.parse(
    JSON.parse(run('npm', ['pack', TOP, '--json', '--ignore-scripts', '--silent']).stdout),
  );
  tarball = join(folder, made?.filename ?? '');
  files = (made?.files ?? []).map((file) => file.path);
}, SLOW);

afterAll(() => rm(folder, { recursive: true, force: true }));

function run(program: string, args: string[], env: Record<string, string> = {}) {
  const result = spawnSync(program, args, {
    cwd: folder,
    // Bun leaves files in the temporary folder.
    env: { ...process.env, DF_HOME: join(folder, 'home'), TMPDIR: folder, ...env },
    encoding: 'utf8',
  });
  expect(result.status, `${program} ${args.join(' ')}\n${result.stdout}\n${result.stderr}`).toBe(0);
  return result;
}

/** Both names run, and what is shipped beside the program is found. */
function expectWorking(bin: string): void {
  for (const name of ['df', 'dark-factory'])
    expect(run(join(bin, name), ['--version']).stdout.trim()).toBe(version);
  expect(run(join(bin, 'df'), ['--help']).stdout).toContain('df ');
  const personas: unknown = JSON.parse(run(join(bin, 'df'), ['persona', 'list', '--json']).stdout);
  const names = z
    .array(z.looseObject({ name: z.string() }))
    .parse(personas)
    .map((persona) => persona.name);
  expect(names).toEqual(expect.arrayContaining(['documenter', 'engineer', 'reviewer', 'tester']));
}

it('holds the program, the personas and the papers, and neither sources nor tests', () => {
  expect(files).toEqual(
    expect.arrayContaining([
      'package.json',
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'dist/bin/df.js',
      'personas/engineer.md',
      'scripts/prerequisites.mjs',
    ]),
  );
  expect(files.filter((path) => /^(src|test|bench|\.)|\.map$|(?<!\.d)\.ts$/.test(path))).toEqual([]);
});

it('holds every page that the README links to', () => {
  const links = [...readFileSync(join(TOP, 'README.md'), 'utf8').matchAll(/\]\(([^)#:]+)[)#]/g)].map(
    ([, link]) => link,
  );
  expect(links.length).toBeGreaterThan(15);
  expect(
    links.filter((link = '') => !files.some((file) => file === link || file.startsWith(`${link}/`))),
  ).toEqual([]);
});

describe('installed from the tarball', () => {
  it(
    'by npm, both names of the program work',
    () => {
      const prefix = join(folder, 'npm');
      run('npm', [
        'install',
        '--global',
        '--prefix',
        prefix,
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        tarball,
      ]);
      expectWorking(join(prefix, 'bin'));
    },
    SLOW,
  );

  it(
    'by bun, both names of the program work, on Node and on Bun',
    () => {
      const env = { BUN_INSTALL: join(folder, 'bun') };
      run(BUN, ['install', '--global', tarball], env);
      expectWorking(join(folder, 'bun', 'bin'));
      const program = join(folder, 'bun', 'bin', 'df');
      expect(run(BUN, ['--bun', program, '--version']).stdout.trim()).toBe(version);
    },
    SLOW,
  );
});
