import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { branchFigures } from '../../../../factory/decisions/tree/figures.ts';
import { treeLedger } from '../../../../factory/decisions/tree/tree-costs.ts';
import type { ReportMaterial } from '../../../../factory/report/report-types.ts';
import { DarkFactoryError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { jsonText } from '../../render/output.ts';
import { parseChoice } from '../../framework/parse.ts';
import { readAgents } from '../../../../factory/model/agents.ts';

/** Commits listed; the figures count all of them. */
const MOST_COMMITS = 200;

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const asked = parseChoice('--format', textOption(invocation, 'format') ?? 'markdown', ['markdown', 'json']);
  const format = context.json ? 'json' : asked;
  const services = await context.services();
  const id = await services.state.resolveProject(requiredArgument(invocation));
  const text = await reportText(services, id, format);
  const output = textOption(invocation, 'output');
  if (output === undefined) context.out.raw(text);
  else {
    const file = path.resolve(context.cwd, output);
    await writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
      throw new DarkFactoryError(
        'usage',
        'output_unwritable',
        `${file} cannot be written: ${error.message}`,
        'Give --output a file in a folder that exists and that you may write to',
      );
    });
    context.err.line(`Wrote ${file}`);
  }
  return 0;
}

/** The report as text, with a line end. */
export async function reportText(
  services: Services,
  id: string,
  format: 'markdown' | 'json',
): Promise<string> {
  const { makeReport } = await import('../../../../factory/report/report.ts');
  const report = makeReport(await gather(services, id), services.clock.now());
  if (format === 'json') return jsonText(report);
  const { reportMarkdown } = await import('../../../../factory/report/report-markdown.ts');
  return reportMarkdown(report);
}

async function gather({ state, git }: Services, id: string): Promise<ReportMaterial> {
  const project = await state.project(id).get();
  const [tasks, agents, gates, ledger, events] = await Promise.all([
    state.tasks(id).get(),
    readAgents(state, project),
    state.gates(id).list(),
    treeLedger(state, id),
    state.events(id).readAll(),
  ]);
  const { repository, baseCommit, workBranch } = project;
  // A repository that was moved, or a branch that was never made, takes nothing else away from the report.
  const work = await Promise.all([
    git.diffFigures(repository, baseCommit, workBranch),
    git.log(repository, baseCommit, workBranch, MOST_COMMITS),
  ]).catch((error: unknown) => {
    if (error instanceof DarkFactoryError) return null;
    throw error;
  });
  const forked = new Set(project.forks.flatMap((fork) => fork.branches.map((branch) => branch.projectId)));
  const branches = await Promise.all(
    ledger.projects
      .filter((each) => forked.has(each.id))
      .map((child) => branchFigures({ state, git }, child)),
  );
  return {
    project,
    tasks,
    agents,
    gates,
    costs: ledger.entries,
    events,
    branches,
    git: work === null ? null : { figures: work[0], log: work[1] },
  };
}
