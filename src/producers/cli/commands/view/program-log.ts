import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { orNull } from '../../../../lib/errno.ts';
import { namesIn } from '../../../../lib/file-failure.ts';
import { parseJson } from '../../../../lib/record.ts';

/** A line of the program's own log; programs up to 0.1 called its moment `time`. */
const logLine = z
  .looseObject({
    timestamp: z.string().optional(),
    time: z.string().optional(),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: z.string().default(''),
    pid: z.number().optional(),
  })
  .transform(({ time, timestamp = time ?? '', ...line }) => ({ ...line, timestamp }));
export type LogLine = z.infer<typeof logLine>;

/** Files that may still grow: today's, and yesterday's around midnight. */
const GROWING = 2;
const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/** Reads the program's log from file to file, also of days that begin meanwhile. */
export interface LogReader {
  /** Hands over each line that is new since the last call, in order of files. */
  news(take: (line: LogLine) => void): Promise<void>;
}

/** @param folder where the log is; one that is not there yet is empty */
export function createLogReader(folder: string): LogReader {
  const offsets = new Map<string, number>();
  return {
    async news(take) {
      const names = inOrder(await namesIn(folder));
      for (const [index, name] of names.entries()) {
        const offset = offsets.get(name);
        if (offset !== undefined && index < names.length - GROWING) continue;
        offsets.set(name, await readLines(join(folder, name), offset ?? 0, take));
      }
    },
  };
}

/** The log's files, the oldest first: `df.<day>.<number>.jsonl`. Others are left out. Pure. */
export function inOrder(names: readonly string[]): string[] {
  const place = (name: string) => /^df\.(\d{4}-\d{2}-\d{2})\.(\d+)\.jsonl$/.exec(name);
  return names
    .flatMap((name) => {
      const found = place(name);
      return found === null ? [] : [{ name, day: found[1] ?? '', number: Number(found[2]) }];
    })
    .sort((a, b) => a.day.localeCompare(b.day) || a.number - b.number)
    .map(({ name }) => name);
}

/** @returns where the last whole line ends */
async function readLines(file: string, from: number, take: (line: LogLine) => void): Promise<number> {
  const opened = await orNull(open(file, 'r'));
  if (opened === null) return from;
  try {
    let end = from;
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await opened.read(Buffer.alloc(CHUNK), 0, CHUNK, end + rest.length);
      if (bytesRead === 0) return end;
      const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, start)) {
        // A line that a crash tore is no line: it is left out.
        const line = logLine.safeParse(parseJson(data.subarray(start, at).toString('utf8'))).data;
        if (line !== undefined) take(line);
        start = at + 1;
      }
      end += start;
      rest = data.subarray(start);
    }
  } finally {
    await opened.close();
  }
}
