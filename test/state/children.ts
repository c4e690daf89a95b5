import { type ChildProcess, spawn } from 'node:child_process';
import { compile } from '../support/compiled.ts';
import { until } from '../support/until.ts';

const CHILD = new URL('child.ts', import.meta.url);

export interface Child {
  process: ChildProcess;
  /** What it said, line by line; a line that was cut by its end is left out. */
  lines(): string[];
  /** What it said of trouble. */
  problems(): string;
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

/** Compiles `child.ts` once, for hundreds of processes. */
export async function compileChildren(): Promise<Children> {
  const compiled = await compile(CHILD);
  const script = compiled.file(CHILD);
  return {
    start: (...args) => startChild(process.execPath, [script, ...args]),
    startIn: ([program, ...options], ...args) =>
      startChild(program, [...options, process.execPath, script, ...args]),
    remove: compiled.remove,
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
    problems: () => problems,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
