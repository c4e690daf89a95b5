import { chmodSync, closeSync, constants, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { newUuid } from '../../lib/ids.ts';
import { runProgram } from '../../lib/process/run-program.ts';

/** Both ends of a pipe, open in this process. Whoever takes it closes them. */
export interface Pipe {
  path: string;
  read: number;
  write: number;
  /** The pipe's name may be used again. Only when both ends, and all copies in other processes, are closed. */
  release(): void;
  /** Closes both ends of a pipe that nobody else was given. */
  discard(): void;
}

export interface Pipes {
  open(): Promise<Pipe>;
}

/** Two for each command that a worker runs at once, as a rule: one process makes them all. */
const MADE_AT_ONCE = 16;
const MODE = 0o600;

/**
 * Real pipes for the output of commands. Node gives a child a socket, and `echo … > /dev/stderr` fails on a socket; and two
 * streams into one pipe keep their order. It has no call for a pipe without a name.
 *
 * A pipe is a named one from `folder`, and used again by another name: a command sees that of its own output, and a link to it,
 * which the host's git may follow, would take what the next command says.
 */
export function createPipes(folder: string): Pipes {
  const free: string[] = [];
  let made = 0;
  const more = async (): Promise<string> => {
    const names = Array.from({ length: MADE_AT_ONCE }, () => join(folder, `output-${++made}`));
    await makePipes(names);
    free.push(...names.slice(1));
    return names[0] ?? '';
  };
  return {
    async open() {
      const name = join(folder, `output-${newUuid()}`);
      renameSync(free.pop() ?? (await more()), name);
      // The command before had it as its output, and may have closed it to everybody who comes after.
      chmodSync(name, MODE);
      const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const write = openSync(name, constants.O_WRONLY);
        const release = (): void => void free.push(name);
        const discard = (): void => {
          closeSync(read);
          closeSync(write);
          release();
        };
        return { path: name, read, write, release, discard };
      } catch (error) {
        closeSync(read);
        throw error;
      }
    },
  };
}

async function makePipes(names: readonly string[]): Promise<void> {
  // Also where a PATH is short, as that of a service often is.
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin` };
  const { problem } = await runProgram('mkfifo', ['-m', MODE.toString(8), ...names], { env });
  if (problem !== null) throw new Error(`No pipe for the output of a command could be made: ${problem}`);
}
