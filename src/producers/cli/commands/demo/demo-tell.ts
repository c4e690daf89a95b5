import { summariseCosts } from '../../../../factory/finance/books/costs.ts';
import type { Project } from '../../../../factory/model/project.ts';
import { shellWord } from '../../../../factory/report/report.ts';
import { plainGit } from '../../../../git/plain.ts';
import { formatDuration } from '../../../../lib/duration.ts';
import { typedName } from '../../../../lib/process/programs.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { bold, dim, formatUsd, green, jsonText, plural, red, shortId } from '../../render/output.ts';
import { run as showTasks } from '../tasks/tasks.ts';

/** What there is to look at after the demonstration. */
export async function tellDemo(
  context: CommandContext,
  services: Services,
  { place, billed, project }: { place: DemoPlace; billed: number; project: Project },
): Promise<void> {
  const { out, env, json } = context;
  const { totalSpent, entries } = summariseCosts(
    project.id,
    await services.state.costs(project.id).readAll(),
  );
  if (json) {
    out.raw(jsonText({ project, totalSpent, billed, ...place }));
    return;
  }
  const git = plainGit(place.repository, env);
  const { baseCommit, workBranch, status } = project;
  const title = (text: string) => {
    out.line();
    out.line(bold(text));
  };
  out.line();
  out.line([
    bold(project.name),
    '  ',
    status === 'completed' ? green(status) : red(status),
    `  ${project.statusReason ?? ''}`,
  ]);
  title(`Branch ${workBranch}`);
  out.line((await git.raw('log', '--oneline', `${baseCommit}..${workBranch}`)).trimEnd());
  title('Diff');
  out.line((await git.raw('diff', '--stat', baseCommit, workBranch)).trimEnd());
  title('Tasks and evidence');
  await showTasks(context, { args: [project.id], options: {} });
  title('Cost and time');
  out.line(
    `${formatUsd(totalSpent)} in ${plural(entries.length, 'request')}; the model server billed ${formatUsd(billed)}. ` +
      `${formatDuration(project.activeMs)} of active time.`,
  );
  if (!place.passing) tellWhere(context, place, project);
  out.line();
  out.line(
    'Only the model was scripted: its answers came from a script on this machine. Redis, queues, worker, ' +
      'sandbox, git, criteria, gates and the ledger were real, and are what runs with any other model.',
  );
  if (!place.passing) out.line(dim(`Everything is in ${place.folder}; remove it when you have seen enough.`));
}

/** Command lines that show the rest. */
function tellWhere({ out, program, script, env }: CommandContext, place: DemoPlace, project: Project): void {
  const typed = typedName(program, script, env['PATH']);
  const home = `DF_HOME=${shellWord(place.home)} ${shellWord(typed)}`;
  out.line();
  out.line(bold('Look for yourself'));
  for (const line of [
    `git -C ${shellWord(place.repository)} diff ${project.baseCommit.slice(0, 12)} ${shellWord(project.workBranch)}`,
    `${home} show ${shortId(project.id)}`,
    `${home} diff ${shortId(project.id)}`,
    `less ${shellWord(place.report)}`,
  ]) {
    out.command(`  ${line}`);
  }
}

/** Where a demonstration happens: a home, a repository and a report of its own. */
export interface DemoPlace {
  folder: string;
  home: string;
  repository: string;
  report: string;
  /** The folder goes when the demonstration ends. */
  passing: boolean;
}
