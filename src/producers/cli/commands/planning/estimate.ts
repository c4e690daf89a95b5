import path from 'node:path';
import {
  type Estimate,
  estimate,
  type Spread,
  type Total,
  totalOf,
} from '../../../../factory/history/estimate.ts';
import { type Estimated, estimateProjects, modelsOf } from '../../../../factory/history/estimate-projects.ts';
import { finishedProjects } from '../../../../factory/history/finished.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import { usageError } from '../../../../lib/failure.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption, textOptions } from '../../framework/options.ts';
import { parseList } from '../../framework/parse.ts';
import { warner } from '../../framework/warn.ts';
import { bold, cut, formatUsd, jsonText, plural } from '../../render/output.ts';
import { table } from '../../render/table.ts';
import { readBacklog } from '../projects/backlog-file.ts';

/** Promises nothing: it tells what came of projects that were like these. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const [file] = invocation.args;
  return file === undefined ? estimateOne(context, invocation) : estimateFile(context, invocation, file);
}

async function estimateOne(context: CommandContext, invocation: Invocation): Promise<number> {
  const { git, config, state } = await context.services();
  const folder = path.resolve(context.cwd, textOption(invocation, 'repo') ?? '.');
  const { root: repository } = await git.inspectRepository(folder);
  const given = textOptions(invocation, 'persona');
  const personas = given.length === 0 ? config.defaultPersonas : parseList('--persona', given);
  const { providers } = await state.providers().get();
  const models = modelsOf(
    providers,
    config,
    textOption(invocation, 'model') ?? config.routing.default ?? null,
  );
  const asked = { repository, personas, models };
  const found = estimate(await finishedProjects(state, repository), asked);
  if (context.json) context.out.raw(jsonText({ ...found, asked }));
  else tell(context, found, config.defaultMaxRuntime);
  return 0;
}

/** The file is checked as `df enqueue` checks it. */
async function estimateFile(context: CommandContext, invocation: Invocation, file: string): Promise<number> {
  const [flag] = Object.keys(invocation.options).filter((name) => FLAGS_OF_ONE.has(name));
  if (flag !== undefined)
    throw usageError(
      'file_and_flags',
      `A file of projects and --${flag} were given`,
      'The file says that of each of its projects: give one of the two.',
    );
  const backlog = await readBacklog(context, file);
  const services = await context.services();
  const plan = await services.backlog.plan(...backlog);
  const warn = warner(context);
  for (const warning of plan.warnings) warn(warning);
  const planned = plan.planned.map(({ project }) => project);
  const estimates = await estimateProjects(services.state, services.config, planned);
  const projects = estimates.map((each, index) => ({ name: planned[index]?.name ?? '', ...each }));
  const total = totalOf(estimates);
  if (context.json) context.out.raw(jsonText({ projects, total }));
  else tellAll(context, projects, total);
  return 0;
}

const FLAGS_OF_ONE = new Set(['repo', 'persona', 'model']);

function tellAll(
  { out, program }: CommandContext,
  projects: readonly (Estimated & { name: string })[],
  total: Total,
): void {
  const columns = [
    { head: 'name', width: 40 },
    { head: 'cost', align: 'right' },
    { head: '9 of 10', align: 'right' },
    { head: 'work', align: 'right' },
    { head: '9 of 10', align: 'right', spare: 2 },
    { head: 'from', align: 'right', spare: 1 },
  ] as const;
  const figures = ({ cost, activeMs }: Pick<Total, 'cost' | 'activeMs'>) => [
    shown(cost?.median, formatUsd),
    shown(cost?.p90, formatUsd),
    shown(activeMs?.median, formatDuration),
    shown(activeMs?.p90, formatDuration),
  ];
  const rows = projects.map((each) => [cut(each.name, 40), ...figures(each), String(each.projects)]);
  out.line(table([...columns], [...rows, ['in sum', ...figures(total), '']], out));
  const unknown = total.projects - total.known;
  if (total.known === 0) out.line('Nothing can be said yet: no project has come to its end here.');
  else {
    out.line(
      'The middle, and what nine of ten finished projects stayed within; “from” says how many there are. Work is active time, of one after the other.',
    );
    if (unknown > 0) out.line(`Of ${plural(unknown, 'project')} nothing is known: the sum is without.`);
  }
  if (unknown > 0)
    out.line(`What a project may cost is capped by its budget in the file; see also: ${program} rehearse`);
}

const shown = (figure: number | undefined, format: (figure: number) => string): string =>
  figure === undefined ? '-' : format(figure);

function tell({ out, program }: CommandContext, found: Estimate, longestMs: number): void {
  const { basis, projects, proved, cost, activeMs, spanMs } = found;
  if (cost === null || activeMs === null || spanMs === null) {
    out.line('Nothing can be said yet: no project has come to its end here.');
    out.line(
      `What it may cost is capped by: ${program} init --budget USD. It works for at most ${formatDuration(longestMs)} (--max-runtime).`,
    );
    return;
  }
  const row = (name: string, { median, p90 }: Spread, format: (figure: number) => string) =>
    out.line([name.padEnd(9), bold(format(median)), `, nine of ten within ${format(p90)}`]);
  row('Cost', cost, formatUsd);
  row('Work', activeMs, formatDuration);
  row('In all', spanMs, formatDuration);
  const like = basis === 'all projects' ? 'of whatever kind' : `of the same ${basis}`;
  out.line(`From ${plural(projects, 'finished project')} ${like}, ${proved} of them proved.`);
}
