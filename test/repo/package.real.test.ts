import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MEND_SUM, scenario, sequence } from '../support/scenario.ts';

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
/** Where npm has installed it; set by the first test that needs it. */
let prefix: string | undefined;

const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

/** The five interfaces of the specification's §4.3. */
const METHODS = [
  ['engine', 'createProject', 'startProject', 'pauseProject', 'resumeProject', 'terminateProject'],
  ['engine', 'createBranches', 'mergeBranch', 'getProjectStatus', 'getProjectMetrics'],
  ['finance', 'addProvider', 'removeProvider', 'updateProvider', 'checkCredits', 'probeProvider'],
  ['finance', 'selectProvider', 'switchProvider', 'enterPollingMode', 'exitPollingMode'],
  ['finance', 'recordCost', 'getCostSummary'],
  ['projects', 'getTaskList', 'updateTask', 'addTask', 'auditTaskList', 'scheduleAudit'],
  ['projects', 'generateProgressReport'],
  ['git', 'createWorktree', 'deleteWorktree', 'createBranch', 'commitChanges', 'preventPush'],
  ['git', 'validateWorktree', 'getBranchLineage', 'generateBranchName'],
  ['agents', 'loadPersona', 'instantiateAgent', 'executeAgent', 'sendMessage', 'saveAgentState'],
  ['agents', 'loadAgentState', 'validateQualityGates'],
].flatMap(([manager, ...methods]) => methods.map((method) => `${manager}.${method}`));

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

function installedByNpm(): string {
  if (prefix !== undefined) return prefix;
  const place = join(folder, 'npm');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund'];
  run('npm', ['install', '--global', '--prefix', place, ...quiet, tarball]);
  prefix = place;
  return place;
}

/** A project that has nothing but the package, the types of Node, the program, and the example of docs/library.md. */
async function emptyProject(home: string): Promise<string> {
  const app = join(folder, 'app');
  for (const place of ['@dark-factory', '@types'])
    await mkdir(join(app, 'node_modules', place), { recursive: true });
  await symlink(home, join(app, 'node_modules/@dark-factory/cli'));
  await symlink(join(TOP, 'node_modules/@types/node'), join(app, 'node_modules/@types/node'));
  const [, example = ''] =
    /```ts\n([\s\S]*?)```/.exec(readFileSync(join(TOP, 'docs/library.md'), 'utf8')) ?? [];
  await copyFile(join(TOP, 'test/repo/library/main.ts'), join(app, 'main.ts'));
  await writeFile(join(app, 'example.ts'), example);
  await writeFile(join(app, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  const strict = {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
  };
  const compilerOptions = { ...strict, target: 'es2023', module: 'nodenext', types: ['node'], outDir: 'out' };
  await writeFile(
    join(app, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['main.ts', 'example.ts'] }),
  );
  return app;
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
      'dist/bin/index.js',
      'dist/types/index.d.ts',
      'personas/engineer.md',
      'scripts/needs.json',
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
      expectWorking(join(installedByNpm(), 'bin'));
    },
    SLOW,
  );

  it(
    'by npm, a program in strict TypeScript calls every method of the five managers, and the example of its page compiles',
    async () => {
      const home = join(installedByNpm(), 'lib/node_modules/@dark-factory/cli');
      const app = await emptyProject(home);
      await promisify(execFile)(process.execPath, [TSC, '-p', app]);
      // Plan, fix, claim, finish: what is done in between adds nothing here.
      const s = await scenario({ script: sequence(MEND_SUM.filter((_, at) => at !== 1 && at !== 3)) });
      const env = {
        ...s.env,
        DF_HOME: s.home,
        PACKAGE: home,
        MODEL: `${s.model.url}/v1`,
        REPOSITORY: s.repository.dir,
      };
      await s.df('provider', 'remove', 'main');
      const { stdout } = await promisify(execFile)(process.execPath, [join(app, 'out/main.js')], {
        cwd: app,
        env,
      });
      const called = z.array(z.string()).parse(JSON.parse(stdout));
      expect(called).toEqual(expect.arrayContaining(METHODS));
      expect(METHODS).toHaveLength(41);
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
