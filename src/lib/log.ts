/**
 * The log for machines and for looking back: JSON lines in a folder, one file a day, for 30 days. What people read while
 * they wait goes to stderr and is not this. The one home of pino, loaded when the first line is written.
 */
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRedactor, type Redactor } from './text/redact.ts';

/** From the least to the most important. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** `projectId` and `agentId` where they are known; `err` for an error; anything that is fit for JSON. */
export type LogFields = Readonly<Record<string, unknown>>;
type Write = (fields: LogFields, message: string) => void;

/** Writing never throws and never waits for the disk. */
export interface Log {
  debug: Write;
  info: Write;
  warn: Write;
  error: Write;
  /** A log whose every line carries these fields too. */
  child(fields: LogFields): Log;
  /** Resolves when everything is written; afterwards nothing is. A second call does nothing. */
  close(): Promise<void>;
}

export interface LogOptions {
  /** `<home>/logs`; made when the first line is written. */
  folder: string;
  level: LogLevel;
  now: () => Date;
  /** Everything that is written goes through it. Default: keys are found by their form and by the names of fields. */
  redactor?: Redactor;
  /** Hears that the log itself cannot be written, once for each kind of trouble. */
  onProblem?: (message: string) => void;
}

/** How long the last lines may take to be written, in milliseconds. */
const CLOSE_MS = 2_000;

/** Files are kept for this many days. */
export const LOG_DAYS = 30;

/** A log that keeps nothing. */
export const noLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => noLog,
  async close() {},
};

/**
 * A log in a folder. Files that are too old are removed when it is opened, which is when its first line is written.
 *
 * Any number of processes may write to one folder: each line is one write to a file opened for appending.
 */
export function createLog(options: LogOptions): Log {
  const redactor = options.redactor ?? createRedactor();
  const least = LEVELS.indexOf(options.level);
  const troubles = new Set<string>();
  const onTrouble = (error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    if (troubles.has(text)) return;
    troubles.add(text);
    options.onProblem?.(`The log in ${options.folder} cannot be written: ${text}`);
  };
  let file: Promise<LogFile> | null = null;
  let closed: Promise<void> | null = null;

  function write(level: LogLevel, fields: LogFields, message: string): void {
    if (closed !== null || LEVELS.indexOf(level) < least) return;
    const now = options.now();
    // Redacted now: the caller may change its objects before the file is open.
    const line = redactor.value({ timestamp: now.toISOString(), ...fields });
    const text = redactor.text(message);
    file ??= openFile(options.folder, options.level, now, onTrouble);
    file.then((open) => open.write(level, line, text)).catch(onTrouble);
  }

  async function close(): Promise<void> {
    // What could not be opened was reported when it was tried.
    const open = await file?.catch(() => undefined);
    await open?.close();
  }

  const withFields = (own: LogFields): Log => {
    const at =
      (level: LogLevel): Write =>
      (fields, message) =>
        write(level, { ...own, ...fields }, message);
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => withFields({ ...own, ...fields }),
      close() {
        closed ??= close();
        return closed;
      },
    };
  };
  return withFields({});
}

/** Names of files whose day, as it stands in the name, is over for `LOG_DAYS` days. Pure. */
export function expiredLogs(names: readonly string[], now: Date): string[] {
  const oldest = new Date(now.getTime() - LOG_DAYS * 86_400_000).toISOString().slice(0, 10);
  return names.filter((name) => {
    const day = /\.(\d{4}-\d{2}-\d{2})\./.exec(name)?.[1];
    return day !== undefined && day < oldest;
  });
}

interface LogFile {
  write(level: LogLevel, line: unknown, message: string): void;
  close(): Promise<void>;
}

async function openFile(
  folder: string,
  level: LogLevel,
  now: Date,
  onTrouble: (error: unknown) => void,
): Promise<LogFile> {
  const [{ default: pino }, { default: roll }] = await Promise.all([import('pino'), import('pino-roll')]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  // Rolling prunes as well, but only at midnight: a laptop that is off at night would keep everything.
  const expired = expiredLogs(await readdir(folder), now);
  await Promise.all(expired.map((name) => rm(join(folder, name), { force: true })));
  const stream = await roll({
    // An ending of its own: the file's number is found by looking at all files with the same ending.
    file: join(folder, 'df.jsonl'),
    frequency: 'daily',
    dateFormat: 'yyyy-MM-dd',
    limit: { count: LOG_DAYS, removeOtherLogFiles: true },
    mkdir: true,
    mode: 0o600,
  });
  stream.on('error', onTrouble);
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      messageKey: 'message',
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are plain by now; pino would wrap them once more.
      serializers: { err: (error: unknown) => error },
    },
    stream,
  );
  return {
    write: (at, line, message) => logger[at](line, message),
    close: () =>
      new Promise((resolve) => {
        // A stream that cannot write (a full disk) never says that it is closed; nobody waits for it for long.
        const late = setTimeout(() => {
          stream.destroy();
          resolve();
        }, CLOSE_MS);
        stream.once('close', () => {
          clearTimeout(late);
          resolve();
        });
        stream.end();
      }),
  };
}
