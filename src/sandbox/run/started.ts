import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setPriority } from 'node:os';
import { always, orNullSync } from '../../lib/errno.ts';
import { REPORT_FD } from '../mechanisms/bubblewrap.ts';
import { FILTER_FD, type Launch } from '../mechanisms/mechanism.ts';
import { sandboxFailed } from './exhausted.ts';
import { killMarked, killNamespace, killStarter } from './kill.ts';
import type { Pipe } from './pipes.ts';
import { readRaw } from './read-pipe.ts';
import { nicenessOfCommands, STARTED } from './shell.ts';
import type { Starter } from './starter.ts';

const MOST_MESSAGE = 4_096;
/** A starter that does not get to a program which is to be ended has this time before it is ended itself. Milliseconds. */
const STARTER_GRACE = 10_000;

/** A program that builds a sandbox and waits for its end. */
export interface Started {
  /** The exit code, `null` after a signal. Rejects where it was not started, or cannot tell how the command ended. */
  ended: Promise<number | null>;
  /** Tells of the program's process as soon as it is known; its descendants are the command. */
  onBorn(tell: (pid: number) => void): void;
  /** Ends the command and all that it started. */
  end(): void;
  /** The hard way, when that had no effect. */
  kill(): void;
  /** What the program itself says; the command's output goes elsewhere. Asked for when all should have ended. */
  words(grace: number): Promise<string>;
}

interface Whose {
  /** See `Mechanism.ownProcesses`. */
  ownProcesses: boolean;
  /** `NAME=value` in the environment of every process of this run. */
  mark: string;
}

/** As a child of this process. Takes over the writing end of the pipe. */
export function startAsChild(pipe: Pipe, launch: Launch, { ownProcesses, mark }: Whose): Started {
  const child = spawnInto(pipe, launch);
  const words = collect(child);
  const { pid } = child;
  const hunt = () => pid !== undefined && killMarked(pid, mark);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (!ownProcesses) hunt();
      resolve(code);
    });
  });
  return {
    ended,
    words,
    onBorn: (tell) => pid !== undefined && tell(pid),
    end() {
      if (!ownProcesses) hunt();
      else if (pid !== undefined) killNamespace(pid);
    },
    kill: () => pid !== undefined && killStarter(pid),
  };
}

function spawnInto(pipe: Pipe, { file, args, env, cwd, entrance, filter, reports }: Launch): ChildProcess {
  const opened: number[] = [];
  const open = (path: string | undefined, how: 'r' | 'w') => {
    if (path === undefined) return 'ignore';
    const file = openSync(path, how);
    opened.push(file);
    return file;
  };
  try {
    const stdio: StdioOptions = ['ignore', pipe.write, 'pipe', open(entrance, 'w')];
    // Nobody reads it: how a child of this process ends is known.
    stdio[REPORT_FD] = open(reports === true ? '/dev/null' : undefined, 'w');
    if (filter !== undefined) stdio[FILTER_FD] = open(filter, 'r');
    // A group of its own: an interrupt from the terminal is for us to handle, and the whole group can be ended.
    const child = spawn(file, args, { env, cwd, detached: true, stdio });
    const { pid } = child;
    // What it starts inherits it. Where this is not permitted the shell of `limited` does it.
    if (pid !== undefined) orNullSync(() => setPriority(pid, nicenessOfCommands()), always);
    closeSync(pipe.write);
    return child;
  } finally {
    opened.forEach(closeSync);
  }
}

function collect(child: ChildProcess): Started['words'] {
  const { stderr } = child;
  if (stderr === null) return async () => '';
  let text = '';
  stderr.on('data', (chunk: Buffer) => {
    if (text.length < MOST_MESSAGE) text += chunk.toString();
  });
  const closed = new Promise<void>((resolve) => stderr.once('close', resolve));
  return async (grace) => {
    const timer = setTimeout(() => stderr.destroy(), grace);
    await closed;
    clearTimeout(timer);
    return text;
  };
}

/**
 * By the starter. The first line in the pipe of what the program says is its process id; bubblewrap reports its end there. No command has
 * this pipe: the shell around it has let go of it before. Its end is that of bubblewrap, and so of all in the namespace.
 */
export function startByStarter(
  starter: Starter,
  { output, said }: { output: Pipe; said: Pipe },
  launch: Launch,
): Started {
  let text = '';
  let pid: number | undefined;
  let tell = (_pid: number): void => undefined;
  let failure: string | undefined;
  let asked = false;
  let given = false;
  /** This process has them open until the program has, so that they do not end before they begin. */
  const handOver = () => {
    if (given) return;
    given = true;
    heard();
    closeSync(output.write);
    closeSync(said.write);
  };
  const heard = starter.start(launch, output.path, said.path, (why) => {
    failure = why;
    handOver();
    // Should it be started after all, it waits in front of a pipe that nobody reads, and whose name is not used again.
    reading.stop();
  });
  const reading = readRaw(said, (chunk) => {
    handOver();
    text = (text + Buffer.from(chunk).toString()).slice(-MOST_MESSAGE);
    const first = pid === undefined ? /^(\d+)\n/.exec(text)?.[1] : undefined;
    if (first === undefined) return true;
    pid = Number(first);
    text = text.slice(first.length + 1);
    tell(pid);
    if (asked) killNamespace(pid);
    return true;
  });
  const ended = reading.done.then(() => {
    if (failure === undefined) said.release();
    else if (!asked) throw new Error(failure);
    const code = /\{ "exit-code": (\d+) \}\n$/.exec(text)?.[1];
    if (code !== undefined) return Number(code);
    if (asked || !text.includes(STARTED)) return null;
    throw sandboxFailed('A sandbox was lost', 'it ended before it could tell how its command ended');
  });
  return {
    ended,
    words: async () => text.replaceAll(/\{ "(?:child-pid|exit-code)".*\n/g, ''),
    onBorn(listener) {
      if (pid === undefined) tell = listener;
      else listener(pid);
    },
    end() {
      asked = true;
      if (pid !== undefined) killNamespace(pid);
    },
    kill() {
      if (pid !== undefined) killStarter(pid);
      else setTimeout(() => pid === undefined && !given && starter.close(), STARTER_GRACE).unref();
    },
  };
}
