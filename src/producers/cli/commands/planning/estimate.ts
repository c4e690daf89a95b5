import path from 'node:path';
import { type Estimate, estimate, type Spread } from '../../../../factory/history/estimate.ts';
import { finishedProjects } from '../../../../factory/history/finished.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption, textOptions } from '../../framework/options.ts';
import { parseList } from '../../framework/parse.ts';
import { bold, formatUsd, jsonText, plural } from '../../render/output.ts';

/** Promises nothing: it tells what came of projects that were like this one. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const { git, config, state } = services;
  const folder = path.resolve(context.cwd, textOption(invocation, 'repo') ?? '.');
  const { root: repository } = await git.inspectRepository(folder);
  const given = textOptions(invocation, 'persona');
  const personas = given.length === 0 ? config.defaultPersonas : parseList('--persona', given);
  const models = await modelsOf(services, textOption(invocation, 'model'));
  const found = estimate(await finishedProjects(state, repository), { repository, personas, models });
  const asked = { repository, personas, models };
  if (context.json) context.out.raw(jsonText({ ...found, asked }));
  else tell(context, found, config.defaultMaxRuntime);
  return 0;
}

/** A provider's id stands for its model; without any word those that are set up count. */
async function modelsOf({ state }: Services, asked: string | undefined): Promise<string[]> {
  const { providers } = await state.providers().get();
  if (asked !== undefined) return [providers.find(({ id }) => id === asked)?.model ?? asked];
  return [...new Set(providers.filter(({ enabled }) => enabled).map(({ model }) => model))];
}

function tell({ out, program }: CommandContext, found: Estimate, longestMs: number): void {
  const { basis, projects, proved, cost, activeMs, spanMs } = found;
  if (cost === null || activeMs === null || spanMs === null) {
    out.line('Nothing can be said yet: no project has come to its end here.');
    out.line(
      `What it may cost is capped by: ${program} init --budget USD. It works for at most ${formatDuration(longestMs)} (--max-runtime).`,
    );
    return;
  }
  const row = (name: string, { median, p90 }: Spread, shown: (figure: number) => string) =>
    out.line([name.padEnd(9), bold(shown(median)), `, nine of ten within ${shown(p90)}`]);
  row('Cost', cost, formatUsd);
  row('Work', activeMs, formatDuration);
  row('In all', spanMs, formatDuration);
  const like = basis === 'all projects' ? 'of whatever kind' : `of the same ${basis}`;
  out.line(`From ${plural(projects, 'finished project')} ${like}, ${proved} of them proved.`);
}
