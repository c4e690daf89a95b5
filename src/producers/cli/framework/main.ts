import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { hasCode } from '../../../lib/errno.ts';
import { EXIT_CODE } from '../../../lib/failure.ts';
import { readVersion } from '../../../lib/version.ts';
import { overview } from '../render/overview.ts';
import { programName, wantsOverview } from './called.ts';
import type { StartWorker } from './context.ts';
import type { Session, World } from './session.ts';
import { isForSystem, runSystemDf } from './system-df.ts';

/**
 * Runs one command and ends the process with its exit code. Never rejects.
 *
 * @param argv as in `process.argv`
 */
export async function main(argv: readonly string[], startWorker: StartWorker): Promise<void> {
  hideKey(argv);
  const passedOn = await passOn(argv, process.env);
  if (passedOn !== null) process.exit(passedOn);
  // Node opens each stream at the first look at it, which takes its time.
  const streams = wantsOverview(argv) ? [process.stdout] : [process.stdout, process.stderr];
  const isLost = outliveReaders(streams);
  const exitCode = await answer(argv, worldOf(process), startWorker);
  await Promise.all(streams.map(flushed));
  // Everything was closed; what is left (timers of closed connections) would only keep a finished command waiting.
  process.exit(exitCode === 0 && isLost() ? EXIT_CODE.environment : exitCode);
}

function worldOf(own: NodeJS.Process): World {
  return {
    get stdin() {
      return own.stdin;
    },
    get stdout() {
      return own.stdout;
    },
    get stderr() {
      return own.stderr;
    },
    env: own.env,
    get cwd() {
      return own.cwd();
    },
  };
}

/** @returns the exit code of the system's `df` where that was meant, else `null` */
async function passOn(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const args = argv.slice(2);
  if (programName(argv[1]) !== 'df' || !(await isForSystem(args, existsSync, isCommand))) return null;
  return runSystemDf(args, argv[1] ?? '', env);
}

async function isCommand(word: string): Promise<boolean> {
  if (word === 'help') return true;
  const { buildProgram } = await import('./program.ts');
  const root = buildProgram({ name: 'df', version: '', execute: async () => {} });
  return root.commands.some((command) => [command.name(), ...command.aliases()].includes(word));
}

/**
 * Runs one command in the world it is given. Never rejects.
 *
 * Only what help needs is loaded here; the rest comes when a command is called or something went wrong.
 *
 * @param argv as in `process.argv`
 * @returns the exit code
 */
export async function answer(
  argv: readonly string[],
  world: World,
  startWorker: StartWorker,
): Promise<number> {
  const name = programName(argv[1]);
  let session: Session | undefined;
  let exitCode = 0;
  let root: Command | undefined;
  const openSession = async () => {
    const { createSession } = await import('./session.ts');
    session ??= createSession({ program: name, argv, world, startWorker });
    return session;
  };
  try {
    if (wantsOverview(argv)) {
      world.stdout.write(overview(name));
      return exitCode;
    }
    const { buildProgram } = await import('./program.ts');
    const program = buildProgram({
      name,
      version: readVersion(),
      execute: async (load, invocation) => {
        const [command, { context }] = await Promise.all([load(), openSession()]);
        exitCode = await command.run(context(invocation.options['json'] === true), invocation);
      },
    });
    root = program;
    const given = helpAsOption(argv);
    const known = program.commands.some((command) =>
      [command.name(), ...command.aliases()].includes(given[2] ?? ''),
    );
    // Asked for the help of a command that it does not know, commander would show some other help.
    await parse(program, known || given[2]?.startsWith('-') ? given : given.slice(0, 3), openSession);
  } catch (error) {
    exitCode = isAnsweredHelp(error)
      ? 0
      : await (await openSession()).complain(error, await helpFor(name, argv, root));
  }
  await session?.close();
  return exitCode;
}

/** Loaded when it is needed: what is called rightly needs no words about it. */
async function helpFor(name: string, argv: readonly string[], root: Command | undefined): Promise<string> {
  const { commandIn, pathOf } = await import('./leaf.ts');
  const path = root === undefined ? [] : pathOf(commandIn(root, argv.slice(2)));
  return [name, ...path, '--help'].join(' ');
}

/** What is missing is asked for where somebody sits there. */
async function parse(root: Command, argv: string[], open: () => Promise<Session>): Promise<void> {
  try {
    await root.parseAsync(argv);
  } catch (error) {
    if (!isLeftOut(error)) throw error;
    const [{ askMissing }, { context }] = await Promise.all([import('./missing.ts'), open()]);
    const more = await askMissing(root, argv, context(argv.includes('--json')));
    if (more === null) throw error;
    await parse(root, more, open);
  }
}

/** Commander's words for an argument or an option that was not given. */
const isLeftOut = (error: unknown): boolean =>
  hasCode(error, 'commander.missingArgument', 'commander.missingMandatoryOptionValue');

/** Resolves when a reader has, or never will have, all that was written. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

/** Commander ends help and version by throwing, too. */
function isAnsweredHelp(error: unknown): boolean {
  return error instanceof Error && 'exitCode' in error && error.exitCode === 0;
}

/** `df help provider add` is `df provider add --help`, however deep. */
function helpAsOption(argv: readonly string[]): string[] {
  return argv[2] === 'help' ? [...argv.slice(0, 2), ...argv.slice(3), '--help'] : [...argv];
}

/** A key given as an argument must not stand in the process list for as long as the command takes. */
function hideKey(argv: readonly string[]): void {
  if (argv.some((each) => each.startsWith('--api-key'))) process.title = 'df provider';
}

/**
 * Whoever read what this program says is gone: a closed pipe or terminal, a full disk behind a redirection. No command ends for it before
 * it has its exit code; one that waits hears of it as an interrupt (`listenForInterrupts`), and `df list | head -1` is no error.
 *
 * @returns whether something could not be written although somebody wants it
 */
function outliveReaders(streams: readonly NodeJS.WriteStream[]): () => boolean {
  let lost = false;
  for (const stream of streams)
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      lost ||= stream === process.stdout && code !== 'EPIPE';
    });
  return () => lost;
}
