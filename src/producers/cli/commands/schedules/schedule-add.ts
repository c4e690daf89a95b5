import path from 'node:path';
import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import type { Schedule } from '../../../../factory/model/schedule.ts';
import { inZone } from '../../../../factory/schedules/cron.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import { usageError } from '../../../../lib/failure.ts';
import { zoneName } from '../../../../lib/moment.ts';
import { type ScheduleDocument, scheduleDocuments } from '../../../documents/schedules.ts';
import { countWorkers } from '../../../documents/workers.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { parseDurationOption } from '../../framework/parse.ts';
import { warner } from '../../framework/warn.ts';
import { bold, jsonText, plural, yellow } from '../../render/output.ts';
import { fields } from '../../render/table.ts';
import { readNewProject } from '../projects/project-input.ts';

/** Needs no Redis: a worker that starts makes ready what the state says. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const { schedules, config, by } = services;
  const catchUp = parseDurationOption('--catch-up', textOption(invocation, 'catchUp') ?? '2h');
  const { schedule, makes, warnings } = await schedules.add({
    name: requiredArgument(invocation).trim(),
    cron: textOption(invocation, 'cron') ?? '',
    timezone: textOption(invocation, 'timezone') ?? config.timezone ?? zoneName(),
    ...{ catchUp, by, folder: context.cwd, ...(await readWhat(context, invocation)) },
  });
  const warn = warner(context);
  for (const warning of warnings) warn(warning);
  await ownerAct(services, 'schedule.changed', `The schedule ${schedule.name} was added: ${schedule.cron}.`);
  const workers = await countWorkers(services, context.env);
  // Those that are there would find it at their next look all the same.
  if (workers) await schedules.keep();
  const [document] = (await scheduleDocuments(services)).filter(({ id }) => id === schedule.id);
  if (context.json) context.out.raw(jsonText(document));
  else if (document !== undefined) show(context, document, makes, workers);
  return 0;
}

/** A file of projects, or one project by the flags of `df init`. */
async function readWhat(
  context: CommandContext,
  invocation: Invocation,
): Promise<Pick<Schedule, 'file' | 'order'>> {
  const file = textOption(invocation, 'file');
  if (file === undefined) return { order: await readOrder(context, invocation) };
  const own = new Set(['cron', 'timezone', 'catchUp', 'file', 'json']);
  const given = Object.entries(invocation.options).find(
    ([name, value]) => !own.has(name) && value !== undefined,
  );
  if (given !== undefined)
    throw usageError(
      'file_or_flags',
      `--file and the option ${given[0]} of a single project were given`,
      'Say it in the file (defaults: holds for all its projects), or leave --file out.',
    );
  if (file === '' || file === '-')
    throw usageError(
      'file_needed',
      'A schedule reads its projects at each run, so --file has to name a file',
      'Write them to one first: --file night.yaml',
    );
  return { file: path.resolve(context.cwd, file) };
}

/** As an entry of a file of projects, with nothing in it that depends on where the command was given. */
async function readOrder(context: CommandContext, invocation: Invocation): Promise<Record<string, unknown>> {
  if (textOption(invocation, 'description') === undefined)
    throw usageError(
      'schedule_empty',
      'Neither --file nor --description was given',
      'Name a file of projects (--file night.yaml), or say what is to be done (--description "…").',
    );
  const input = await readNewProject(context, invocation);
  const { repository: repo, personas: persona, commands, description, sealed, sealWith, ...rest } = input;
  const how = sealed ?? sealWith;
  return {
    ...{ ...rest, repo, ...commands },
    // A text that begins so names a file.
    description: description.startsWith('@') ? `@${description}` : description,
    ...(persona === undefined ? {} : { persona }),
    // Its tests are read at each run.
    ...(sealed === undefined ? {} : { sealed: sealed.folder }),
    ...(sealWith === undefined ? {} : { sealWith: sealWith.persona }),
    ...(how === undefined ? {} : { sealedShow: how.show }),
    ...(how?.command === undefined ? {} : { sealedCommand: how.command }),
  };
}

function show(
  { out, program }: CommandContext,
  { name, cron, timezone, catchUp, file, project, next }: ScheduleDocument,
  makes: number,
  workers: number | null,
): void {
  out.line(
    fields([
      ['Schedule', bold(name)],
      ['When', `${cron}  (${timezone})`],
      ['Next', next === null ? 'never' : inZone(next, timezone)],
      [
        'Makes',
        file === undefined
          ? `this project in ${String(project?.['repo'])}`
          : `${plural(makes, 'project')} of ${file}`,
      ],
      ['Missed', `made up for once within ${formatDuration(catchUp)}`],
    ]),
  );
  if (workers !== 0) return;
  out.line();
  out.line(yellow(`No worker is running, so nothing is made before one is: ${program} up`));
}
