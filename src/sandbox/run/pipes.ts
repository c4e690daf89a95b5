import { closeSync, constants, openSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../lib/process/run-program.ts';

/** Both ends of a pipe, open in this process. Whoever takes it closes them. */
export interface Pipe {
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

/**
 * Real pipes for the output of commands. Node gives a child a socket, and `echo … > /dev/stderr` fails on a socket; and two
 * streams into one pipe keep their order.
 *
 * A pipe is a named one from `folder`, made once per command running at the same time and used again.
 */
export function createPipes(folder: string): Pipes {
  const free: string[] = [];
  let made = 0;
  return {
    async open() {
      const name = free.pop() ?? (await make(join(folder, `output-${++made}`)));
      const read = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const write = openSync(name, constants.O_WRONLY);
        const release = (): void => void free.push(name);
        const discard = (): void => {
          closeSync(read);
          closeSync(write);
          release();
        };
        return { read, write, release, discard };
      } catch (error) {
        closeSync(read);
        throw error;
      }
    },
  };
}

async function make(name: string): Promise<string> {
  // Also where a PATH is short, as that of a service often is.
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin` };
  const { problem } = await runProgram('mkfifo', ['-m', '600', name], { env });
  if (problem !== null) throw new Error(`The pipe ${name} could not be made: ${problem}`);
  return name;
}
