import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { newUuid } from '../../lib/ids.ts';
import { eachFrame, framed } from '../../lib/process/frames.ts';
import { hold } from '../../lib/process/hold.ts';
import { readProc } from '../../lib/process/others.ts';
import { findProgram } from '../../lib/process/programs.ts';
import { endMark } from './end-mark.ts';
import {
  FROM_OUTSIDE,
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
/** How a shell tells that it found no program, or could not start it. */
const NOT_STARTED: readonly number[] = [126, 127];
/** Of a shell's own words, in bytes. */
const LONGEST_WORDS = 1_000;

/**
 * Runs one git after the other. Their words are data to it: it parts them, and evaluates none. First the mark, then the number of
 * variables, these, and the arguments. When git has ended, the mark and the exit code stand in both streams. Nothing more comes before
 * that: where there is something to read, the process that asked is gone, and another one may hold its locks already. Then the shell
 * ends itself, so that nobody takes that for an answer.
 */
export const LOOP = `set +h -f; unset PWD OLDPWD SHLVL; IFS=$'${BETWEEN}'; exec 3< /dev/null
${eachFrame(`df_words=($df_text)
( for df_each in "\${df_words[@]:2:\${df_words[1]}}"; do export "$df_each"; done
read -t 0 && { kill -KILL $$; exit; }; exec git "\${df_words[@]:2+\${df_words[1]}}" <&3 3<&- )
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
  const bash = hasChildren() ? findProgram('bash', environment['PATH'] ?? '') : null;
  if (bash === null) return directly;
  const idle: Shell[] = [];
  return (args, call, listener) => {
    const frame = frameOf(args, call);
    if (frame === null) return directly(args, call, listener);
    let running: Running | undefined;
    // It says why. What it throws comes to the listener of the shell, who hands it on.
    const notStarted = () => {
      running = directly(args, call, listener);
    };
    const shell = idle.pop() ?? createShell(bash, environment, { idle, patience });
    running = shell.run(frame, { ...listener, notStarted });
    return {
      pid: () => running?.pid(),
      signal: (name) => running?.signal(name),
      letGo: () => running?.letGo(),
    };
  };
}

/** Whether the system tells what processes a process has started: where it does not, the memory of git could not be watched. */
const hasChildren = (): boolean =>
  process.platform === 'linux' && readProc(process.pid, `task/${process.pid}/children`) !== null;

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
  run(frame: Frame, listener: ShellListener): Running;
}

interface ShellListener extends Listener {
  /** Nothing was begun. */
  notStarted(): void;
}

interface Waiting {
  /** Where it goes when it has nothing to do. */
  idle: Shell[];
  /** Milliseconds that it stays there. */
  patience: number;
}

function createShell(bash: string, env: Record<string, string>, { idle, patience }: Waiting): Shell {
  // It begins its own words with this name, which git cannot know.
  const name = newUuid();
  // A group of its own, in which each git is: it ends with them.
  const child = spawn(bash, ['--noprofile', '--norc', '-c', LOOP, name], { cwd: '/', env, detached: true });
  let current: ReturnType<typeof follow> | null = null;
  let unused: NodeJS.Timeout | undefined;
  let isSound = true;
  const gone = () => {
    isSound = false;
    if (idle.includes(shell)) idle.splice(idle.indexOf(shell), 1);
  };
  const end = (signal: NodeJS.Signals) => {
    gone();
    signalGroup(child, signal);
  };
  const finish = () => {
    gone();
    child.stdin?.end();
  };
  const rest = () => {
    current = null;
    // Without a git it is no reason for this process to live on.
    hold(child, 'unref');
    if (!isSound || idle.length >= MOST_IDLE) return finish();
    idle.push(shell);
    unused = setTimeout(finish, patience).unref();
  };
  child.stdin?.on('error', () => undefined);
  // Whoever speaks when no git is at work has kept a stream of an earlier one.
  child.stdout?.on('data', (chunk: Buffer) => (current === null ? finish() : current.output(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (current === null ? finish() : current.words(chunk)));
  child.once('error', () => {
    gone();
    current?.notStarted();
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
      const mine = follow({ mark, name }, listener, { done: rest, stray: gone, end });
      current = mine;
      child.stdin?.write(framed(text));
      // Another git may have it by now.
      const whileMine = (act: () => void) => void (current === mine && act());
      return {
        pid: () => gitOf(child),
        signal: (signal) => whileMine(() => mine.signal(signal)),
        letGo: () => whileMine(() => letGoOf(child)),
      };
    },
  };
  return shell;
}

interface Acts {
  /** The shell may take another git. */
  done(): void;
  /** It may not. */
  stray(): void;
  end(signal: NodeJS.Signals): void;
}

/** Passes one git's answer on until its mark has come in both streams. */
function follow({ mark, name }: { mark: string; name: string }, listener: ShellListener, acts: Acts) {
  const codes: number[] = [];
  let said = Buffer.alloc(0);
  let isSilent = true;
  let wasTold = false;
  let isOver = false;
  const once = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  const marked = (code: number) => {
    if (codes.push(code) < 2) return;
    acts.done();
    if (isSilent && NOT_STARTED.includes(code)) notStarted();
    else once(() => (bySignal(code) ? listener.ended(null, signalOf(code)) : listener.ended(code)));
  };
  const notStarted = () =>
    once(() => {
      if (wasTold) return listener.ended(null);
      try {
        listener.notStarted();
      } catch (error) {
        listener.failed(error instanceof Error ? error : new Error(String(error)));
      }
    });
  const { stray } = acts;
  const pass = (chunk: Buffer) => {
    isSilent = false;
    listener.output(chunk);
  };
  const output = endMark(mark, { pass, marked, stray });
  const words = endMark(mark, { pass: listener.words, marked, stray });
  return {
    output: output.take,
    words(chunk: Buffer) {
      // It can start nothing, and would try again for half a minute.
      if (said.length < LONGEST_WORDS) said = Buffer.concat([said, chunk]);
      if (said.toString('latin1').startsWith(`${name}: `) && said.includes('fork: ')) acts.end('SIGKILL');
      words.take(chunk);
    },
    notStarted,
    signal(signal: NodeJS.Signals) {
      wasTold = true;
      acts.end(signal);
    },
    /** The shell is gone, and git with it. */
    lost() {
      for (const each of [output, words]) each.flush();
      const gone = Object.assign(new Error('the shell that starts git has ended'), { code: 'EAGAIN' });
      // What git did nobody knows. The machine lacks processes or memory, or somebody ended it.
      once(() => (wasTold ? listener.ended(null) : listener.failed(gone)));
    },
  };
}

/** As a shell tells that a program was ended by a signal. */
const bySignal = (code: number): boolean => code > 129 && code <= 128 + 64;
const signalOf = (code: number) => FROM_OUTSIDE.find((name) => constants.signals[name] === code - 128);

function gitOf({ pid }: ChildProcess): number | undefined {
  const children = pid === undefined ? null : readProc(pid, `task/${pid}/children`);
  return Number(children?.split(' ')[0]) || undefined;
}
