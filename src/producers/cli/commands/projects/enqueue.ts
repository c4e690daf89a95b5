import path from 'node:path';
import type { Places } from '../../../../factory/backlog/enqueue.ts';
import { BACKLOG_LIMITS, parseBacklog } from '../../../../state/backlog-text.ts';
import { readSealedFolder } from '../../../../state/projects/sealed.ts';
import type { CommandContext } from '../../framework/context.ts';
import { warnOfHalt } from '../../framework/halt.ts';
import { flagOption, type Invocation, requiredArgument } from '../../framework/options.ts';
import { readText } from '../../framework/text-input.ts';
import { warner } from '../../framework/warn.ts';
import { cut, jsonText, plural, shortId } from '../../render/output.ts';
import { table } from '../../render/table.ts';

/** People see so many lines of it. */
const SHOWN = 20;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const name = requiredArgument(invocation);
  const source = name === '-' ? '-' : `@${name}`;
  const text = await readText('The file of projects', source, context, BACKLOG_LIMITS.maxBytes);
  const shownName = name === '-' ? 'standard input' : name;
  const { backlog } = await context.services();
  const plan = await backlog.plan(parseBacklog(text, shownName), shownName, placesFor(context));
  const warn = warner(context);
  for (const warning of plan.warnings) warn(warning);
  const dryRun = flagOption(invocation, 'dryRun');
  const projects = dryRun ? plan.planned.map(({ project }) => project) : await backlog.enqueue(plan);
  if (!dryRun) await warnOfHalt(context);
  if (context.json) {
    context.out.raw(jsonText(projects));
    return 0;
  }
  const { out, program } = context;
  const made = plural(projects.length, 'project');
  out.line(dryRun ? `Nothing is wrong; ${made} would be made and started.` : `${made} made and started.`);
  const columns = [
    { head: 'id' },
    { head: 'name', width: 40 },
    { head: 'branch', width: 60, spare: 1 },
    { head: 'waits', width: 60 },
  ];
  const rows = projects
    .slice(0, SHOWN)
    .map((each) => [
      dryRun ? '' : shortId(each.id),
      cut(each.name, 40),
      each.workBranch,
      each.waiting?.detail ?? '',
    ]);
  out.line(table(columns, rows, out));
  if (projects.length > SHOWN) out.line(`… and ${projects.length - SHOWN} more`);
  if (!dryRun) out.line(`Look at them with: ${program} list`);
  return 0;
}

/** Paths of a file are those of the folder that the command is given in, as paths of flags are. */
export function placesFor(context: Pick<CommandContext, 'cwd' | 'stdin'>): Places {
  return {
    repository: (repo = '.') => path.resolve(context.cwd, repo),
    // A file may name files; what is typed is for the command line alone.
    readDescription: async (text) => (text.startsWith('@') ? readText('description', text, context) : text),
    readSealed: async (folder) => ({
      show: 'none',
      ...(await readSealedFolder(path.resolve(context.cwd, folder))),
    }),
  };
}
