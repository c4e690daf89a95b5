import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { writeOutput } from '../../framework/output-file.ts';
import { parseChoice } from '../../framework/parse.ts';
import { projectArgument } from '../../framework/project-argument.ts';
import { jsonText } from '../../render/output.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const asked = parseChoice('--format', textOption(invocation, 'format') ?? 'markdown', ['markdown', 'json']);
  const format = context.json ? 'json' : asked;
  const services = await context.services();
  const id = await projectArgument(context, invocation);
  const text = await reportText(services, id, format);
  const output = textOption(invocation, 'output');
  if (output === undefined) context.out.raw(text);
  else {
    const file = await writeOutput(context, output, text);
    context.err.line(`Wrote ${file}`);
  }
  return 0;
}

/** The report as text, with a line end. */
export async function reportText(
  { projects }: Pick<Services, 'projects'>,
  id: string,
  format: 'markdown' | 'json',
): Promise<string> {
  const report = await projects.generateProgressReport(id);
  if (format === 'json') return jsonText(report);
  const { reportMarkdown } = await import('../../../../factory/report/report-markdown.ts');
  return reportMarkdown(report);
}
