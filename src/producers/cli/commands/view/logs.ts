import { setTimeout as sleep } from 'node:timers/promises';
import { FACTORY } from '../../../../factory/finance/deps.ts';
import type { FactoryEvent } from '../../../../factory/model/event.ts';
import { ENDED } from '../../../../factory/model/project.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { parseChoice, parseWhole } from '../../framework/parse.ts';
import { readNews } from '../../live/news.ts';
import { cut, dim, formatMoment, jsonText, red, type Text, yellow } from '../../render/output.ts';
import { showFactoryLog } from './logs-factory.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
/** Milliseconds between two looks for new lines. */
const INTERVAL = 250;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const lines = textOption(invocation, 'lines');
  const newest = lines === undefined ? Number.POSITIVE_INFINITY : parseWhole('--lines', lines, 1, 1_000_000);
  const least = LEVELS.indexOf(parseChoice('--level', textOption(invocation, 'level') ?? 'info', LEVELS));
  const wanted = (event: FactoryEvent) => LEVELS.indexOf(event.level) >= least;
  const show = (event: FactoryEvent) =>
    context.json ? context.out.raw(jsonText(event, 0)) : context.out.line(eventLine(event));

  if (invocation.args[0] === undefined) {
    const follow = flagOption(invocation, 'follow');
    return showFactoryLog(context, { newest, follow, wanted: ({ level }) => LEVELS.indexOf(level) >= least });
  }
  const { state, factoryEvents } = await context.services();
  const ofFactory = invocation.args[0] === FACTORY;
  const id = ofFactory ? FACTORY : await state.resolveProject(requiredArgument(invocation));
  const log = ofFactory ? factoryEvents : state.events(id);
  const first = await readNews(log, 0);
  const matching = first.entries.filter(wanted);
  for (const event of matching.slice(Math.max(0, matching.length - newest))) show(event);
  if (flagOption(invocation, 'follow')) {
    const hasEnded = async () => !ofFactory && ENDED.has((await state.project(id).get()).status);
    await followLog(log, hasEnded, first.offset, (event) => {
      if (wanted(event)) show(event);
    });
  } else if (matching.length === 0 && !context.json) context.err.line('Nothing was logged yet.');
  return 0;
}

/** Until the project has ended and everything was shown, or Ctrl-C. */
async function followLog(
  log: Parameters<typeof readNews>[0],
  hasEnded: () => Promise<boolean>,
  from: number,
  show: (event: FactoryEvent) => void,
): Promise<void> {
  const interrupts = listenForInterrupts();
  let offset = from;
  try {
    for (;;) {
      const ended = await hasEnded();
      const news = await readNews(log, offset);
      offset = news.offset;
      for (const event of news.entries) show(event);
      if (interrupts.first.aborted || (ended && news.entries.length === 0)) return;
      await sleep(INTERVAL, undefined, { signal: interrupts.first }).catch((error: unknown) => {
        if (!interrupts.first.aborted) throw error;
      });
    }
  } finally {
    interrupts.dispose();
  }
}

function eventLine(event: FactoryEvent): Text {
  const look = { debug: dim, info: String, warn: yellow, error: red }[event.level];
  const who = [event.persona, event.step === undefined ? undefined : `step ${event.step}`]
    .filter((part) => part !== undefined)
    .join(' ');
  const message = cut(event.message, 1_000);
  return [
    dim(formatMoment(new Date(event.timestamp))),
    `  ${event.type.padEnd(20)}  `,
    dim(who),
    who === '' ? '' : '  ',
    look(message),
  ];
}
