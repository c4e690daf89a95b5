import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { usageError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
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
    const file = path.resolve(context.cwd, output);
    await writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
      throw usageError(
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
  { projects }: Pick<Services, 'projects'>,
  id: string,
  format: 'markdown' | 'json',
): Promise<string> {
  const report = await projects.generateProgressReport(id);
  if (format === 'json') return jsonText(report);
  const { reportMarkdown } = await import('../../../../factory/report/report-markdown.ts');
  return reportMarkdown(report);
}
