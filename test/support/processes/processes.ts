/** The `df` program as a person or a machine runs it: `dist/bin/df.js` in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../until.ts';

const PROGRAM = fileURLToPath(new URL('../../../dist/bin/df.js', import.meta.url));

export interface DfOptions {
  /** `DF_HOME`. */
  home: string;
  /** On top of PATH, HOME (= the home) and TMPDIR; nothing else is passed on. */
  env?: Record<string, string>;
  cwd?: string;
  /** Written to its standard input, which is then closed. Missing: no input. */
  stdin?: string;
  /** Milliseconds after which it is killed and the call throws. Default 400 s. */
  deadline?: number;
}

export interface DfResult {
  stdout: string;
  stderr: string;
  /** `null` when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Runs `df` to its end. A wrong exit code is a result, not an exception. */
export async function runDf(args: readonly string[], options: DfOptions): Promise<DfResult> {
  const running = startDf(args, options);
  const deadline = options.deadline ?? 400_000;
  const timer = setTimeout(() => running.kill('SIGKILL'), deadline);
  const result = await running.exited;
  clearTimeout(timer);
  if (result.signal === 'SIGKILL') {
    throw new Error(
      `df ${args.join(' ')} did not end within ${deadline} ms\n${result.stdout}\n${result.stderr}`,
    );
  }
  return result;
}

export interface RunningDf {
  pid: number;
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Waits until the text stands in either stream; throws when the program ends before, or after `deadline` ms. */
  says(text: string | RegExp, deadline?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves at its end, whatever that is. */
  exited: Promise<DfResult>;
  /** SIGTERM, and SIGKILL after `grace` milliseconds. */
  stop(grace?: number): Promise<DfResult>;
}

/** Starts `df` and lets it run. */
export function startDf(args: readonly string[], options: DfOptions): RunningDf {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd ?? options.home,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: options.home,
      TMPDIR: process.env['TMPDIR'] ?? '/tmp',
      DF_HOME: options.home,
      ...options.env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that ends without reading its input breaks the pipe; its exit code tells the story.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  // `exit`, not `close`: a daemon that it started may hold the pipes open. What it wrote before is read first.
  const exited = once(child, 'exit').then(async ([code, signal]: unknown[]): Promise<DfResult> => {
    await Promise.race([once(child, 'close'), new Promise((resolve) => setTimeout(resolve, 500))]);
    return {
      stdout,
      stderr,
      code: typeof code === 'number' ? code : null,
      signal: typeof signal === 'string' ? (signal as NodeJS.Signals) : null,
    };
  });
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(text, deadline = 60_000) {
      const found = () =>
        typeof text === 'string'
          ? `${stdout}${stderr}`.includes(text)
          : text.test(stdout) || text.test(stderr);
      const shown = () => `df ${args.join(' ')} says ${text}\n--- stdout\n${stdout}\n--- stderr\n${stderr}`;
      await until(() => found() || ended(), deadline, shown);
      if (!found()) throw new Error(`ended before: ${shown()}`);
    },
    kill(signal) {
      child.kill(signal);
    },
    exited,
    async stop(grace = 60_000) {
      if (!ended()) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), grace);
      const result = await exited;
      clearTimeout(timer);
      return result;
    },
  };
}
