import { failingHead } from '../../../../factory/report/failing-text.ts';
import type { NightReport } from '../../../../factory/report/night/night.ts';
import {
  type NightItem,
  nightSections,
  totalsText,
} from '../../../../factory/report/night/night-sections.ts';
import { nightDocument } from '../../../documents/night.ts';
import { parseSince } from '../../../documents/since.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { parseChoice } from '../../framework/parse.ts';
import {
  bold,
  cyan,
  dim,
  formatMoment,
  green,
  jsonText,
  red,
  type Text,
  yellow,
} from '../../render/output.ts';

const LOOK = { 'Needs you': yellow, Proved: green, Failed: red, Stopped: yellow, Open: cyan };

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const asked = textOption(invocation, 'format');
  const format = asked === undefined ? undefined : parseChoice('--format', asked, ['markdown', 'json']);
  const since = parseSince('--since', textOption(invocation, 'since') ?? '24h', services.clock.now());
  const report = await nightDocument(services, since, context.env);
  if (context.json || format === 'json') context.out.raw(jsonText(report));
  else if (format === 'markdown') {
    const { nightMarkdown } = await import('../../../../factory/report/night/night-markdown.ts');
    context.out.raw(nightMarkdown(report));
  } else show(context, report);
  return 0;
}

function show({ out, err, program }: CommandContext, report: NightReport): void {
  out.line([bold(`Since ${formatMoment(report.since)}`), `: ${totalsText(report)}`]);
  for (const { title, items } of nightSections(report)) {
    out.line();
    out.line(LOOK[title](title));
    for (const item of items) for (const line of itemLines(item, program)) out.line(line);
  }
  for (const { id, problem } of report.unreadable)
    err.line([yellow('warning:'), ` project ${id.slice(0, 8)} cannot be read: ${problem}`]);
}

function itemLines({ name, about, failing, do: next }: NightItem, program: string): Text[] {
  return [
    ['  ', bold(name)],
    ...about.map((line) => `    ${line}`),
    ...failing.flatMap((check) => [
      ['    ', red(failingHead(check))],
      ...check.failures.flatMap(({ test, message, place }): Text[] => [
        ...(test === '' ? [] : [['      ', bold(test), dim(place === undefined ? '' : `  ${place}`)]]),
        ...message.split('\n').map((line) => `        ${line}`),
      ]),
    ]),
    ['    ', cyan(next.replace(/^df /, `${program} `))],
  ];
}
