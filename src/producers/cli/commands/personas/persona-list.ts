import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, textOption } from '../../framework/options.ts';
import { jsonText, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';
import { repositoryOf } from './persona-repository.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const repository = await repositoryOf(services.git, context.cwd, textOption(invocation, 'repo'));
  const { personas, problems } = await services.personas.list(repository);
  for (const { file, problem } of problems) context.err.line([yellow('warning:'), ` ${file}: ${problem}`]);
  if (context.json) context.out.raw(jsonText(personas));
  else {
    context.out.line(
      table(
        [
          { head: 'name' },
          { head: 'version', spare: 2 },
          { head: 'from', spare: 1 },
          { head: 'description', width: 80, wraps: true },
        ],
        personas.map((persona) => [persona.name, persona.version, persona.source, persona.description]),
        context.out,
      ),
    );
  }
  return 0;
}
