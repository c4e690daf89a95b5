import path from 'node:path';
import type { CommandContext } from './context.ts';
import { type Invocation, textOption } from './options.ts';
import { jsonText, yellow } from './output.ts';
import { table } from './table.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const { personas } = await context.services();
  const repository = path.resolve(context.cwd, textOption(invocation, 'repo') ?? '.');
  const { personas: found, problems } = await personas.list(repository);
  for (const { file, problem } of problems) context.err.line([yellow('warning:'), ` ${file}: ${problem}`]);
  if (context.json) {
    context.out.raw(jsonText(found));
    return 0;
  }
  context.out.line(
    table(
      [{ head: 'name' }, { head: 'version' }, { head: 'from' }, { head: 'description', width: 80 }],
      found.map((persona) => [persona.name, persona.version, persona.source, persona.description]),
      context.out.colour,
    ),
  );
  return 0;
}
