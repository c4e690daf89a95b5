import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Services } from '../../services.ts';
import type { CommandContext, StartWorker } from './context.ts';
import { isExpected, sentence, toComplaint } from './errors.ts';
import { type Channel, createChannel, jsonText, red } from './output.ts';
import { buildProgram } from './program.ts';

/** After the last word of a command: how long leftover handles may keep the process. Milliseconds. */
const LAST_GRACE = 3_000;

/**
 * Runs one command and sets the exit code of the process. Never rejects.
 *
 * @param argv as in `process.argv`
 */
export async function main(argv: readonly string[], startWorker: StartWorker): Promise<void> {
  hideKey(argv);
  endQuietlyOnBrokenPipe();
  const out = createChannel(process.stdout, process.env);
  const err = createChannel(process.stderr, process.env);
  const services = openOnce(process.env);
  const program = programName(argv[1]);
  let exitCode = 0;
  try {
    const root = buildProgram({
      name: program,
      version: readVersion,
      execute: async (load, invocation) => {
        const command = await load();
        const context: CommandContext = {
          program,
          script: argv[1] ?? '',
          json: invocation.options['json'] === true,
          out,
          err,
          stdin: process.stdin,
          env: process.env,
          cwd: process.cwd(),
          services: services.open,
          startWorker,
        };
        exitCode = await command.run(context, invocation);
      },
    });
    silence(root);
    if (argv.length <= 2) root.outputHelp();
    else await root.parseAsync(argv);
  } catch (error) {
    exitCode = await complain(error, { err, program, json: wantsJson(argv), home: services.home() });
  }
  await services
    .close()
    .catch((error: unknown) => err.line(`warning: could not close everything: ${String(error)}`));
  process.exitCode = exitCode;
  // A handle that somebody forgot must not keep a finished command; the timer itself keeps nothing.
  setTimeout(() => process.exit(), LAST_GRACE).unref();
}

/** Errors are thrown to `main`, which words them; commander prints help and nothing else. */
function silence(command: ReturnType<typeof buildProgram>): void {
  const quiet = (each: typeof command) => {
    each.exitOverride().configureOutput({ writeErr: () => {} });
    for (const child of each.commands) quiet(child as typeof command);
  };
  quiet(command);
}

async function complain(
  error: unknown,
  where: { err: Channel; program: string; json: boolean; home: string | null },
): Promise<number> {
  if (isAnsweredHelp(error)) return 0;
  const expected = isExpected(error);
  const logFile = expected ? null : await logSurprise(error, where.home);
  const complaint = toComplaint(error, where.program, logFile);
  if (where.json) {
    const { code, message, hint } = complaint;
    where.err.raw(jsonText({ error: { code, message, hint } }, 0));
  } else {
    where.err.line([red('error:'), ` ${sentence(complaint)}`]);
  }
  if (!expected && process.env['DF_DEBUG'] && error instanceof Error) where.err.line(error.stack ?? '');
  return complaint.exitCode;
}

/** Commander ends help and version by throwing, too. */
function isAnsweredHelp(error: unknown): boolean {
  return error instanceof Error && 'exitCode' in error && error.exitCode === 0;
}

async function logSurprise(error: unknown, home: string | null): Promise<string | null> {
  if (home === null) return null;
  const { writeSurprise } = await import('./surprise-log.ts');
  return writeSurprise(path.join(home, 'logs'), error, new Date());
}

/** Before parsing is done, or when it failed, the flag is looked for in the plain arguments. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(2, end === -1 ? undefined : end).includes('--json');
}

function openOnce(env: NodeJS.ProcessEnv) {
  let opened: Promise<Services> | undefined;
  let home: string | null = null;
  return {
    open: () => {
      opened ??= import('../../services.ts').then(async ({ createServices }) => {
        const services = await createServices({ env });
        home = services.home.root;
        return services;
      });
      return opened;
    },
    home: () => home,
    close: async () => {
      // What failed to open was told to the caller of `open`.
      const services = await opened?.catch(() => undefined);
      await services?.close();
    },
  };
}

/** `df` when it is run as a script; the name of the link otherwise. */
function programName(script: string | undefined): string {
  const base = path.basename(script ?? 'df').replace(/\.(js|ts|mjs|cmd)$/, '');
  return base === 'dark-factory' ? base : 'df';
}

/** A key given as an argument must not stand in the process list for as long as the command takes. */
function hideKey(argv: readonly string[]): void {
  if (argv.some((each) => each.startsWith('--api-key'))) process.title = 'df provider';
}

/** `df list | head -1` is no error. */
function endQuietlyOnBrokenPipe(): void {
  const end = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  };
  process.stdout.on('error', end);
  process.stderr.on('error', end);
}

function readVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const version =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
