import { Readable } from 'node:stream';
import { answer } from '../../../src/producers/cli/framework/main.ts';
import type { DfOptions, DfResult } from './processes.ts';

/**
 * Runs a command of `df` to its end within this process: what it parses, reads, writes, says and ends with is the
 * program's, only no process is started for it, which is most of what a small command costs.
 *
 * For commands that set up a test or look at what came of it. What a signal, a stream or a second process is part of the
 * promise takes `runDf`; `worker`, `up`, `run` and `demo` always do.
 *
 * @param options.columns it speaks to a terminal of this width
 * @param options.sits somebody sits at that terminal, and says no word
 */
export async function commandHere(
  args: readonly string[],
  options: DfOptions & { columns?: number; sits?: boolean },
): Promise<DfResult> {
  const said = { stdout: '', stderr: '' };
  const { columns } = options;
  const sink = (name: keyof typeof said) => ({
    ...(columns === undefined ? {} : { isTTY: true, columns }),
    write(text: string) {
      said[name] += text;
    },
  });
  const world = {
    stdin: Object.assign(Readable.from([Buffer.from(options.stdin ?? '')]) as NodeJS.ReadStream, {
      isTTY: options.sits === true,
    }),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: { PATH: process.env['PATH'] ?? '', HOME: options.home, DF_HOME: options.home, ...options.env },
    cwd: options.cwd ?? options.home,
  };
  const code = await answer(['node', 'df', ...args], world, () => {
    throw new Error('a worker is a process of its own');
  });
  return { ...said, code, signal: null };
}
