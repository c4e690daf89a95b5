import { FACTORY } from '../../../../factory/finance/deps.ts';
import type { FactoryEvent } from '../../../../factory/model/event.ts';
import { ENDED } from '../../../../factory/model/project.ts';
import { OWNER } from '../../../../factory/model/task.ts';
import { withArguments } from '../../../../factory/transcript/arguments.ts';
import { sleepUnless } from '../../../../lib/async/sleep.ts';
import type { CommandContext } from '../../framework/context.ts';
import { listenForInterrupts } from '../../framework/interrupts.ts';
import { flagOption, type Invocation, textOption } from '../../framework/options.ts';
import { parseChoice, parseWhole } from '../../framework/parse.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { readNews } from '../../live/news.ts';
import { eventLook, eventText, isWithheld } from '../../render/event-text.ts';
import { cut, dim, formatMoment, jsonText, type Text } from '../../render/output.ts';
import { showFactoryLog } from './logs-factory.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
/** Milliseconds between two looks for new lines. */
const INTERVAL = 250;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const lines = textOption(invocation, 'lines');
  const newest = lines === undefined ? Number.POSITIVE_INFINITY : parseWhole('--lines', lines, 1, 1_000_000);
  const least = LEVELS.indexOf(parseChoice('--level', textOption(invocation, 'level') ?? 'info', LEVELS));
  const wanted = (event: FactoryEvent) => LEVELS.indexOf(event.level) >= least;

  if (invocation.args[0] === undefined) {
    const follow = flagOption(invocation, 'follow');
    return showFactoryLog(context, { newest, follow, wanted: ({ level }) => LEVELS.indexOf(level) >= least });
  }
  const { state, factoryEvents } = await context.services();
  let told = false;
  const show = async (events: readonly FactoryEvent[]) => {
    if (!told && !context.json && events.some(isWithheld)) {
      told = true;
      context.err.line(
        dim(`What was said is kept encrypted (privacy.encrypt); ${context.program} show reads it.`),
      );
    }
    if (!context.json) for (const event of events) context.out.line(eventLine(event));
    else for (const event of await withArguments(state, events)) context.out.raw(jsonText(event, 0));
  };
  const ofFactory = invocation.args[0] === FACTORY;
  const id = ofFactory ? FACTORY : await projectArgument(context, invocation);
  const log = ofFactory ? factoryEvents : state.events(id);
  const first = await readNews(log, 0);
  const matching = first.entries.filter(wanted);
  await show(matching.slice(Math.max(0, matching.length - newest)));
  if (flagOption(invocation, 'follow')) {
    const hasEnded = async () => !ofFactory && ENDED.has((await state.project(id).get()).status);
    await followLog(log, hasEnded, first.offset, (events) => show(events.filter(wanted)));
  } else if (matching.length === 0 && !context.json) context.err.line('Nothing was logged yet.');
  return 0;
}

/** Until the project has ended and everything was shown, or Ctrl-C. */
async function followLog(
  log: Parameters<typeof readNews>[0],
  hasEnded: () => Promise<boolean>,
  from: number,
  show: (events: readonly FactoryEvent[]) => Promise<void>,
): Promise<void> {
  const interrupts = listenForInterrupts();
  let offset = from;
  try {
    for (;;) {
      const ended = await hasEnded();
      const news = await readNews(log, offset);
      offset = news.offset;
      await show(news.entries);
      if (interrupts.first.aborted || (ended && news.entries.length === 0)) return;
      await sleepUnless(INTERVAL, interrupts.first);
    }
  } finally {
    interrupts.dispose();
  }
}

function eventLine(event: FactoryEvent): Text {
  const who = [event.persona, event.step === undefined ? undefined : `step ${event.step}`]
    .filter((part) => part !== undefined)
    .join(' ');
  const by = event.data?.by;
  const name = typeof by === 'string' && by !== OWNER && !event.message.includes(by) ? ` (by ${by})` : '';
  const message = cut(`${eventText(event)}${name}`, 1_000);
  return [
    dim(formatMoment(new Date(event.timestamp))),
    `  ${event.type.padEnd(20)}  `,
    dim(who),
    who === '' ? '' : '  ',
    eventLook(event)(message),
  ];
}
