import { callText } from '../../../factory/agent/tools/call-text.ts';
import { AUDITOR } from '../../../factory/model/agents.ts';
import type { TranscriptCall, TranscriptStep } from '../../../factory/transcript/transcript.ts';
import {
  bold,
  cut,
  cyan,
  dim,
  formatCount,
  formatMoment,
  formatUsd,
  green,
  plural,
  red,
  type Text,
  yellow,
} from './output.ts';

/** A part of a step that comes at once, and does not change afterwards. */
export interface Block {
  key: string;
  lines: Text[];
}

/** Lines of a text, an argument or a result that are shown of each where the whole is too much. */
const HEAD = 4;
const TAIL = 6;
const LONGEST_LINE = 300;

/** What one step said and did, for people. @param whole nothing is left out that the model was shown */
export function stepBlocks(step: TranscriptStep, whole: boolean): Block[] {
  if (step.provider === null && step.messages.length === 0) return [];
  return [
    { key: 'head', lines: [headLine(step)] },
    ...step.messages.map((text) => ({ key: `message/${text}`, lines: [['  ', cyan(cut(text, 1_000))]] })),
    {
      key: `text/${step.text.length}`,
      lines: indented(step.text, '  ', whole ? null : { head: 12, tail: 4 }),
    },
    ...step.calls.flatMap((call, index) =>
      call.state === 'done' ? [{ key: `call/${index}`, lines: callLines(call, whole) }] : [],
    ),
    ...(step.endedAt === undefined ? [] : [{ key: 'end', lines: endLines(step) }]),
  ];
}

/** What is being done now, where something is. */
export function callAtHand({ calls }: TranscriptStep): TranscriptCall | undefined {
  return calls.find(({ state }) => state === 'running');
}

export function callTitle({ name, arguments: given }: TranscriptCall): string {
  return callText(name, typeof given === 'string' ? given : JSON.stringify(given));
}

function headLine({ persona, step, at, provider, model, tier, tokens, cost }: TranscriptStep): Text {
  const whom =
    provider === null
      ? []
      : [
          `${provider === model ? provider : `${provider} (${model})`}${tier === undefined ? '' : `, ${tier}`}`,
        ];
  const facts = [formatMoment(at), ...whom, plural(tokens, 'token'), formatUsd(cost)];
  return [bold(`${persona}, step ${formatCount(step)}`), '  ', dim(facts.join(' · '))];
}

function callLines(call: TranscriptCall, whole: boolean): Text[] {
  const { isError, output, outputFile } = call;
  const room = whole ? null : { head: HEAD, tail: TAIL };
  const result = indented(output.trimEnd(), '    ', room).map((line, index) =>
    isError && index === 0 ? red(plain(line)) : dim(plain(line)),
  );
  const file = whole && outputFile !== undefined ? [dim(`    whole output: ${outputFile}`)] : [];
  return [...askedLines(call, room), ...result, ...file];
}

type Room = { head: number; tail: number } | null;

/** The call itself: a command as it was typed, a change as what goes and what comes. */
function askedLines(call: TranscriptCall, room: Room): Text[] {
  const given = typeof call.arguments === 'object' && call.arguments !== null ? call.arguments : {};
  const read = (name: string) => {
    const value: unknown = Object.entries(given).find(([key]) => key === name)?.[1];
    return typeof value === 'string' ? value : undefined;
  };
  const command = call.name === 'bash' ? read('command') : undefined;
  if (command !== undefined) {
    const [first = '', ...rest] = indented(command, '    ', room).map(plain);
    return [['  ', cyan('$ '), first.trimStart()], ...rest];
  }
  const path = read('path');
  const [gone, come] = [read('old_text'), read('new_text') ?? read('content')];
  if (path === undefined || (gone === undefined && come === undefined))
    return [['  ', cyan('› '), callTitle(call)]];
  return [
    ['  ', cyan('› '), `${call.name} ${path}`],
    ...indented(gone ?? '', '    - ', room).map((line) => red(plain(line))),
    ...indented(come ?? '', '    + ', room).map((line) => green(plain(line))),
  ];
}

function endLines({ persona, commits, outcome, progress, calls }: TranscriptStep): Text[] {
  const made = commits.map(({ hash, files }) => [
    '  ',
    green('committed'),
    ` ${hash.slice(0, 12)}  ${cut(files.join(', '), LONGEST_LINE)}`,
  ]);
  const said = progress === undefined ? OUTCOMES[outcome ?? 'continue'] : PROGRESS[progress];
  const silent = persona !== AUDITOR && calls.length === 0 && said === undefined;
  const remark = silent ? 'it called no tool' : said;
  return [...made, ...(remark === undefined ? [] : [['  ', yellow(remark)]]), ''];
}

const OUTCOMES: Partial<Record<NonNullable<TranscriptStep['outcome']>, string>> = {
  finish: 'claims to be done; the gate decides',
  blocked: 'it is blocked',
  fork: 'a decision is to be explored',
  interrupted: 'the step was interrupted',
};
const PROGRESS = {
  warned: 'no progress was seen, and it was told so',
  fresh: 'no progress was seen; it begins again without its earlier conversation',
  blocked: 'no progress was seen; it is blocked',
};

const plain = (line: Text): string => (typeof line === 'string' ? line : '');

/** Lines of a text, with those in the middle left out where there is no room for all. */
function indented(text: string, before: string, room: Room): string[] {
  if (text === '') return [];
  const lines = text.replace(/\n$/, '').split('\n');
  const show = (line: string) => `${before}${room === null ? line : cutEnd(line)}`;
  const most = room === null ? lines.length : room.head + room.tail;
  if (room === null || lines.length <= most + 1) return lines.map(show);
  return [
    ...lines.slice(0, room.head).map(show),
    `${before}… ${plural(lines.length - most, 'more line')}`,
    ...lines.slice(-room.tail).map(show),
  ];
}

/** Blanks stay: they are what code means. */
function cutEnd(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}…`;
}
