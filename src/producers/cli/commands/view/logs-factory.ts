import { sleepUnless } from '../../../../lib/async/sleep.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { cut, dim, formatMoment, jsonText, red, type Text, yellow } from '../../render/output.ts';
import { createLogReader, type LogLine } from './program-log.ts';

/** Milliseconds between two looks for new lines. */
const INTERVAL = 250;

export interface FactoryLogOptions {
  /** Only the newest so many. */
  newest: number;
  wanted(line: LogLine): boolean;
  /** Go on until Ctrl-C. */
  follow: boolean;
}

/** `df logs` without a project: what the program itself wrote down. */
export async function showFactoryLog(
  context: CommandContext,
  { newest, wanted, follow }: FactoryLogOptions,
): Promise<number> {
  const { home } = await context.services();
  const reader = createLogReader(home.logs);
  const show = (line: LogLine) =>
    context.json ? context.out.raw(jsonText(line, 0)) : context.out.line(lineText(line));
  const last: LogLine[] = [];
  let shown = 0;
  await reader.news((line) => {
    if (!wanted(line)) return;
    shown += 1;
    if (newest === Number.POSITIVE_INFINITY) return show(line);
    last.push(line);
    if (last.length > newest) last.shift();
  });
  for (const line of last) show(line);
  if (!follow) {
    if (shown === 0 && !context.json) context.err.line('Nothing was logged yet.');
    return 0;
  }
  const interrupts = listenForInterrupts();
  try {
    while (!interrupts.first.aborted) {
      await sleepUnless(INTERVAL, interrupts.first);
      await reader.news((line) => {
        if (wanted(line)) show(line);
      });
    }
  } finally {
    interrupts.dispose();
  }
  return 0;
}

function lineText({ timestamp, level, message, ...fields }: LogLine): Text {
  const look = { debug: dim, info: String, warn: yellow, error: red }[level];
  const { pid: _pid, ...rest } = fields;
  const more = Object.keys(rest).length === 0 ? '' : `  ${cut(JSON.stringify(rest), 500)}`;
  return [
    dim(formatMoment(new Date(timestamp))),
    `  ${level.padEnd(5)}  `,
    look(cut(message, 1_000)),
    dim(more),
  ];
}
