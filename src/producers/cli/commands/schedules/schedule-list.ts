import { inZone } from '../../../../factory/schedules/cron.ts';
import { type ScheduleDocument, scheduleDocuments } from '../../../documents/schedules.ts';
import type { CommandContext } from '../../framework/context.ts';
import { bold, cut, green, jsonText, red, type Text, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';

/** Needs no Redis. */
export async function run(context: CommandContext): Promise<number> {
  const documents = await scheduleDocuments(await context.services());
  const { out, program } = context;
  if (context.json) {
    out.raw(jsonText(documents));
    return 0;
  }
  if (documents.length === 0) {
    out.line(
      `There are no schedules. Make one with: ${program} schedule add <name> --cron "0 22 * * *" --file night.yaml`,
    );
    return 0;
  }
  out.line(
    table(
      [
        { head: 'name', width: 30 },
        { head: 'cron', width: 30, spare: 1 },
        { head: 'next' },
        { head: 'last', width: 24 },
        { head: 'open', align: 'right', spare: 2 },
        { head: 'makes', width: 60, spare: 3 },
      ],
      documents.map((each) => [
        each.name,
        each.cron,
        each.next === null ? red('never') : inZone(each.next, each.timezone),
        lastText(each),
        each.open.length === 0 ? '' : String(each.open.length),
        each.file ?? `this project in ${String(each.project?.['repo'])}`,
      ]),
      out,
    ),
  );
  for (const line of documents.flatMap((each) => remarks(each))) out.line(line);
  return 0;
}

function lastText({ runs, trouble }: ScheduleDocument): Text {
  if (trouble !== undefined) return yellow('trying again');
  const run = runs.at(-1);
  if (run === undefined) return '';
  if (run.outcome === 'made') return green(`made ${run.projects}`);
  return run.outcome === 'failed' ? red('failed') : yellow(run.outcome);
}

/** Lines of words about what did not come to anything. */
function remarks({ name, runs, trouble, timezone, lost }: ScheduleDocument): Text[] {
  // The last one, and what was missed before it.
  const told = runs
    .slice(-2)
    .filter(
      ({ outcome }, index, all) => outcome !== 'made' && (index === all.length - 1 || outcome === 'missed'),
    );
  const lines = told.map(({ due, at, detail }) => `${inZone(due ?? at, timezone)}: ${cut(detail, 600)}`);
  if (trouble !== undefined) lines.push(`It is tried again: ${cut(trouble, 600)}`);
  if (lost !== undefined) lines.push(`${lost} is not there now, so the next run would fail.`);
  return lines.length === 0 ? [] : ['', bold(name), ...lines.map((line) => `  ${line}`)];
}
