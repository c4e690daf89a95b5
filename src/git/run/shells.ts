import { type ChildProcess, spawn } from 'node:child_process';
import { newUuid } from '../../lib/ids.ts';
import { eachFrame, framed } from '../../lib/process/frames.ts';
import { readProc } from '../../lib/process/others.ts';
import { findProgram } from '../../lib/process/programs.ts';
import { endMark } from './end-mark.ts';
import {
  type Listener,
  letGoOf,
  type Running,
  type Start,
  type StartOptions,
  signalGroup,
  startDirectly,
} from './start.ts';

const PATIENCE = 10_000;
/** Shells that wait; more of them are at work at the same time when there is more to do. */
const MOST_IDLE = 4;
/** In bytes; the kernel takes 128 KiB for one word. */
const LONGEST_FRAME = 64 * 1024;
/** Parts words, and stands in none of them. */
const BETWEEN = '\x1f';
/** What bash says when it can start nothing, before it tries again for half a minute. */
const NO_PROCESS = /: fork: (?:retry: )?(?:Resource temporarily unavailable|Cannot allocate memory)/;
/** bash found no such program. */
const NOT_FOUND = 127;

/**
 * Runs one git after the other. Their words are data to it: it parts them, and evaluates none. First the mark, then the number of
 * variables, these, and the arguments. When git has ended, the mark and the exit code stand in both streams. Nothing more comes before
 * that: where there is something to read, the process that asked is gone, and another one may hold its locks already.
 */
export const LOOP = `set +h -f; unset PWD OLDPWD SHLVL; IFS=$'${BETWEEN}'
${eachFrame(`df_words=($df_text)
( for df_each in "\${df_words[@]:2:\${df_words[1]}}"; do export "$df_each"; done
read -t 0 && exit; exec git "\${df_words[@]:2+\${df_words[1]}}" < /dev/null )
df_code=$?; printf '%s:%d\\n' "\${df_words[0]}" "$df_code"; printf '%s:%d\\n' "\${df_words[0]}" "$df_code" >&2`)}`;

/**
 * Starts gits through small shells that wait a moment for the next one. This process is copied for each program that it starts, and
 * stands still for milliseconds meanwhile; a shell of four megabytes is not seen. What needs an input, a secret or another folder is
 * started directly.
 *
 * @param patience how long a shell waits for the next git, in milliseconds
 */
export function startByShells(environment: Record<string, string>, patience = PATIENCE): Start {
  const directly = startDirectly(environment);
  const bash = process.platform === 'linux' ? findProgram('bash', environment['PATH'] ?? '') : null;
  if (bash === null) return directly;
  const idle: Shell[] = [];
  return (args, call, listener) => {
    const frame = frameOf(args, call);
    if (frame === null) return directly(args, call, listener);
    const shell = idle.pop() ?? createShell(spawnShell(bash, environment), { idle, patience });
    return shell.run(frame, listener);
  };
}

interface Frame {
  mark: string;
  text: string;
}

/** @returns `null` for what a shell cannot start */
function frameOf(
  args: readonly string[],
  { input, secret, cwd, variables = {} }: StartOptions,
): Frame | null {
  if (input !== undefined || secret !== undefined || cwd !== undefined) return null;
  const pairs = Object.entries(variables);
  const mark = newUuid();
  const words = [mark, String(pairs.length), ...pairs.map((pair) => pair.join('=')), ...args];
  const isPlain = words.every((word) => !word.includes('\0') && !word.includes(BETWEEN));
  const text = words.join(BETWEEN);
  // bash drops an empty word at the end.
  return isPlain && words.at(-1) !== '' && Buffer.byteLength(text) <= LONGEST_FRAME ? { mark, text } : null;
}

interface Shell {
  run(frame: Frame, listener: Listener): Running;
}

function spawnShell(bash: string, env: Record<string, string>): ChildProcess {
  // A group of its own, in which each git is: it ends with them.
  return spawn(bash, ['--noprofile', '--norc', '-c', LOOP], { cwd: '/', env, detached: true });
}

interface Waiting {
  /** Where it goes when it has nothing to do. */
  idle: Shell[];
  /** Milliseconds that it stays there. */
  patience: number;
}

function createShell(child: ChildProcess, { idle, patience }: Waiting): Shell {
  let current: ReturnType<typeof follow> | null = null;
  let unused: NodeJS.Timeout | undefined;
  let isSound = true;
  const end = (name: NodeJS.Signals) => {
    isSound = false;
    signalGroup(child, name);
  };
  const rest = () => {
    current = null;
    hold(child, 'unref');
    if (!isSound) return;
    const finish = () => {
      gone();
      child.stdin?.end();
    };
    if (idle.length >= MOST_IDLE) return finish();
    idle.push(shell);
    unused = setTimeout(finish, patience).unref();
  };
  child.stdin?.on('error', () => undefined);
  child.stdout?.on('data', (chunk: Buffer) => current?.output(chunk));
  child.stderr?.on('data', (chunk: Buffer) => {
    if (current !== null && NO_PROCESS.test(chunk.toString('latin1'))) end('SIGKILL');
    current?.words(chunk);
  });
  const gone = () => {
    isSound = false;
    if (idle.includes(shell)) idle.splice(idle.indexOf(shell), 1);
  };
  child.once('error', (error) => {
    gone();
    current?.failed(error);
  });
  child.once('exit', () => {
    // A git that was told to end has time for that. One whose shell was ended by somebody else must not go on alone.
    if (isSound && current !== null) signalGroup(child, 'SIGKILL');
    gone();
  });
  child.once('close', () => current?.lost());
  const shell: Shell = {
    run({ mark, text }, listener) {
      clearTimeout(unused);
      hold(child, 'ref');
      const mine = follow(mark, listener, rest);
      current = mine;
      child.stdin?.write(framed(text));
      // Another git may have it by now.
      const whileMine = (act: () => void) => void (current === mine && act());
      return {
        pid: () => gitOf(child),
        signal: (name) => whileMine(() => end(name)),
        letGo: () => whileMine(() => letGoOf(child)),
      };
    },
  };
  return shell;
}

/** Passes one git's answer on until its mark has come in both streams. */
function follow(mark: string, listener: Listener, done: () => void) {
  let said = '';
  const codes: number[] = [];
  const marked = (code: number) => {
    if (codes.push(code) < 2) return;
    done();
    if (code === NOT_FOUND) listener.failed(Object.assign(new Error(said), { code: 'ENOENT' }));
    else listener.ended(bySignal(code) ? null : code);
  };
  const output = endMark(mark, listener.output, marked);
  const words = endMark(mark, listener.words, marked);
  return {
    output: output.take,
    words(chunk: Buffer) {
      if (said.length < 1_000) said += chunk.toString();
      words.take(chunk);
    },
    failed: listener.failed,
    /** The shell is gone, and git with it. */
    lost() {
      if (NO_PROCESS.test(said)) return listener.failed(Object.assign(new Error(said), { code: 'EAGAIN' }));
      for (const each of [output, words]) each.flush();
      listener.ended(null);
    },
  };
}

/** As a shell tells that a program was ended by a signal. */
const bySignal = (code: number): boolean => code > 129 && code <= 128 + 64;

function gitOf({ pid }: ChildProcess): number | undefined {
  const children = pid === undefined ? null : readProc(pid, `task/${pid}/children`);
  return Number(children?.split(' ')[0]) || undefined;
}

/** A shell without a git is no reason for this process to live on. */
function hold(child: ChildProcess, how: 'ref' | 'unref'): void {
  for (const handle of [child, child.stdin, child.stdout, child.stderr])
    (handle as { ref?(): void; unref?(): void } | null)?.[how]?.();
}
