import { asEnvironmentError } from '../../../lib/file-failure.ts';
import type { Services } from '../../../services.ts';
import { createChannel, jsonText, red, type Sink, yellow } from '../render/output.ts';
import type { CommandContext, StartWorker } from './context.ts';
import { isExpected, sentence, toComplaint } from './errors.ts';

/** One run of the program: what its command reaches, and how it tells what went wrong. */
export interface Session {
  context(json: boolean): CommandContext;
  /**
   * Tells a person or a machine what happened, on stderr.
   *
   * @param help the command that shows the help of what was called
   * @returns the exit code
   */
  complain(error: unknown, help: string): Promise<number>;
  /** Closes the services, if they were opened. Never rejects. */
  close(): Promise<void>;
}

/** What a run has from its process. */
export interface World {
  stdin: NodeJS.ReadStream;
  stdout: Sink;
  stderr: Sink;
  env: NodeJS.ProcessEnv;
  /** Throws where that folder is gone. */
  readonly cwd: string;
}

export interface SessionOptions {
  program: string;
  argv: readonly string[];
  world: World;
  startWorker: StartWorker;
}

export function createSession({ program, argv, world, startWorker }: SessionOptions): Session {
  const { env } = world;
  const out = createChannel(world.stdout, env);
  const err = createChannel(world.stderr, env);
  const services = openOnce(env, (warning) => err.line([yellow('warning:'), ` ${warning}`]));
  return {
    context: (json) => ({
      program,
      script: argv[1] ?? '',
      json,
      out,
      err,
      get stdin() {
        return world.stdin;
      },
      env,
      get cwd() {
        try {
          return world.cwd;
        } catch (error) {
          throw inWords(error);
        }
      },
      services: services.open,
      startWorker,
    }),
    async complain(thrown, help) {
      const error = inWords(await services.explain(thrown));
      const expected = isExpected(error);
      const log = expected ? null : services.log(error, argv[2]);
      const { exitCode, code, message, hint } = toComplaint(error, help, log);
      if (wantsJson(argv)) err.raw(jsonText({ error: { code, message, hint } }, 0));
      else err.line([red('error:'), ` ${sentence({ message, hint })}`]);
      if (!expected && env['DF_DEBUG'] && error instanceof Error) err.line(error.stack ?? '');
      return exitCode;
    },
    async close() {
      await services.close().catch((error: unknown) => {
        err.line(
          `warning: could not close everything: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
    },
  };
}

/** A file system that cannot is the environment's failure, from wherever in the program its error comes. */
function inWords(error: unknown): unknown {
  const path = error instanceof Error && 'path' in error ? String(error.path) : 'a file';
  return asEnvironmentError(error, path);
}

function openOnce(env: NodeJS.ProcessEnv, warn: (text: string) => void) {
  let opening: Promise<Services> | undefined;
  let opened: Services | undefined;
  return {
    open: () => {
      opening ??= import('../../../services.ts').then(async ({ createServices }) => {
        opened = await createServices({ env, onNote: warn });
        for (const warning of opened.configWarnings) warn(warning);
        return opened;
      });
      return opening;
    },
    /** Keeps the stack of a surprise. @returns the folder of the log, `null` when there is none yet */
    log: (err: unknown, command: string | undefined) => {
      opened?.log.error({ err, command }, 'a command ended with a surprise');
      return opened?.home.logs ?? null;
    },
    explain: async (error: unknown) => (isExpected(error) ? error : (opened?.explain(error) ?? error)),
    close: async () => {
      // What failed to open was told to the caller of `open`.
      const services = await opening?.catch(() => undefined);
      await services?.close();
    },
  };
}

/** When parsing failed the flag is looked for in the plain arguments. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(2, end === -1 ? undefined : end).includes('--json');
}
