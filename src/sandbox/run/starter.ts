import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { always, orNullSync } from '../../lib/errno.ts';
import { eachFrame, framed } from '../../lib/process/frames.ts';
import { hold } from '../../lib/process/hold.ts';
import { findProgram } from '../../lib/process/programs.ts';
import { shellQuote } from '../../lib/text/shell-quote.ts';
import { REPORT_FD } from '../mechanisms/bubblewrap.ts';
import { FILTER_FD, type Launch } from '../mechanisms/mechanism.ts';
import { saysExhausted } from './exhausted.ts';
import { BUILD_PATH, nicenessOfCommands } from './shell.ts';

/**
 * Starts sandboxes for this process: a small process that lives as long. Whoever starts a program is copied first, and a worker
 * of a hundred megabytes stands still for milliseconds meanwhile. When it ends, so does every sandbox that it started, as with
 * its worker.
 */
export interface Starter {
  /** Can it give the program this environment? */
  takes(launch: Launch): boolean;
  /**
   * @param output path of the pipe of both streams of the command
   * @param said path of the pipe of what the sandbox's own program says and reports
   * @param failed the program will not be started, and why
   * @returns to be called when something was said there
   */
  start(launch: Launch, output: string, said: string, failed: (why: string) => void): () => void;
  /** Ends it, and with it what it has started and what it was to start. */
  close(): void;
}

/** Ends the shell once the process that began it is gone: the fourth field is the present parent, and its own name has no spaces. */
const ONLY_FOR_PARENT = 'read -r _ _ _ df_parent _ < /proc/$$/stat; [[ $df_parent == "$PPID" ]] || exit 1';
/**
 * Starts each launch in the background, in a process group of its own: else it would ignore interrupts. `jobs` collects those that have
 * ended. What it starts does not get the locale that sizes are counted in. A launch that was still on its way when its worker was killed
 * does not begin any more: its step may be another worker's by now.
 */
export const LOOP = `set -m; unset PWD OLDPWD SHLVL LC_ALL; LC_ALL=C\n${eachFrame(`${ONLY_FOR_PARENT}; jobs > /dev/null; eval "$df_text"`)}`;
/** Names that the shell can set for a program. */
const SETTABLE = /^(?!(?:BASHOPTS|BASH_VERSINFO|EUID|PPID|SHELLOPTS|UID)$)[A-Za-z_][A-Za-z0-9_]*$/;

/** @returns `null` where there is no shell that can do it; programs are then started by this process itself */
export function createStarter(): Starter | null {
  const bash = process.platform === 'linux' ? findProgram('bash', BUILD_PATH) : null;
  if (bash === null) return null;
  const waiting = new Set<(why: string) => void>();
  let running: ChildProcess | null = null;

  function begin(program: string): ChildProcess {
    const child = spawn(program, ['--noprofile', '--norc', '-c', LOOP], {
      ...{ env: {}, cwd: '/', detached: true },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let words = '';
    const fail = (why: string) => {
      if (running === child) running = null;
      for (const each of [...waiting]) each(why);
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', () => fail(words.trim() || 'the process that starts sandboxes has ended'));
    child.stdin?.on('error', () => undefined);
    child.stderr?.on('data', (chunk: Buffer) => {
      words = chunk.toString();
      // It tries again for minutes: whoever waits is told at once that the machine has nothing left.
      if (saysExhausted(words)) for (const each of [...waiting]) each(words.trim());
    });
    const { pid } = child;
    // What it starts inherits it. Where this is not permitted the shell of `limited` does it.
    if (pid !== undefined) orNullSync(() => setPriority(pid, nicenessOfCommands()), always);
    hold(child, 'unref');
    return child;
  }

  return {
    // `read` does not count a NUL character; no program can be given one either.
    takes: ({ args, env }) =>
      Object.keys(env).every((name) => SETTABLE.test(name)) &&
      ![...args, ...Object.values(env)].some((text) => text.includes('\0')),
    start(launch, output, said, failed) {
      running ??= begin(bash);
      waiting.add(failed);
      running.stdin?.write(framed(script(launch, output, said)));
      return () => void waiting.delete(failed);
    },
    close() {
      running?.kill('SIGKILL');
      running = null;
    },
  };
}

/**
 * Says its process id first, which is that of the program. The environment is set by the shell and stands in no list of arguments,
 * which every user of the machine can read.
 */
function script({ file, args, env, cwd, entrance, filter }: Launch, output: string, said: string): string {
  const set = Object.entries(env).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const program = [file, ...args].map(shellQuote);
  const more = [
    ...(entrance === undefined ? [] : [`3> ${shellQuote(entrance)}`]),
    ...(filter === undefined ? [] : [`${FILTER_FD}< ${shellQuote(filter)}`]),
  ];
  const streams = [
    `2> ${shellQuote(said)}`,
    `${REPORT_FD}>&2`,
    `> ${shellQuote(output)}`,
    '< /dev/null',
    ...more,
  ];
  return `cd ${shellQuote(cwd)}; { echo "$BASHPID" >&2; ${[...set, 'exec', ...program].join(' ')}; } ${streams.join(' ')} &`;
}
