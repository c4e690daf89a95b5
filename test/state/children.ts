import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../support/until.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface Child {
  process: ChildProcess;
  /** What it said, line by line; a line that was cut by its end is left out. */
  lines(): string[];
  /** Resolves with its exit code (`null`: a signal) once it is gone and all it said has arrived. */
  ended: Promise<number | null>;
  kill(): Promise<void>;
}

export interface Children {
  /** Starts `child.ts`; it is ready when the promise resolves. */
  start(...args: string[]): Promise<Child>;
  /** The same inside another program that runs the command it is given, for example a sandbox. */
  startIn(wrapper: readonly [string, ...string[]], ...args: string[]): Promise<Child>;
  remove(): Promise<void>;
}

/** Compiles `child.ts` once: hundreds of processes start several times faster without a loader. */
export async function compileChildren(): Promise<Children> {
  const cache = join(REPOSITORY, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  // Below node_modules, so that the packages are found from there.
  const folder = await mkdtemp(join(cache, 'df-state-'));
  const options =
    '--ignoreConfig --noCheck --target es2023 --module nodenext --moduleResolution nodenext --types node ' +
    '--allowImportingTsExtensions --rewriteRelativeImportExtensions --verbatimModuleSyntax --rootDir .';
  await promisify(execFile)(
    process.execPath,
    ['node_modules/typescript/bin/tsc', ...options.split(' '), '--outDir', folder, 'test/state/child.ts'],
    { cwd: REPOSITORY },
  );
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const script = join(folder, 'test', 'state', 'child.js');
  return {
    start: (...args) => startChild(process.execPath, [script, ...args]),
    startIn: ([program, ...options], ...args) =>
      startChild(program, [...options, process.execPath, script, ...args]),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

async function startChild(program: string, args: readonly string[]): Promise<Child> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let problems = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problems += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = (): string[] => out.split('\n').slice(0, -1);
  await until(
    () => lines()[0] === 'ready',
    60_000,
    () => `child.ts is ready: ${problems}`,
  );
  return {
    process: child,
    lines: () => lines().slice(1),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
