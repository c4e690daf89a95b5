import type { CustomCheck } from '../../../../factory/model/personas/persona-config.ts';
import type { CommandContext } from '../../framework/context.ts';
import { type Invocation, requiredArgument, textOption } from '../../framework/options.ts';
import { bold, jsonText } from '../../render/output.ts';
import { fields } from '../../render/table.ts';
import { repositoryOf } from './persona-repository.ts';

export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const repository = await repositoryOf(services.git, context.cwd, textOption(invocation, 'repo'));
  const persona = await services.personas.load(repository, requiredArgument(invocation));
  if (context.json) {
    context.out.raw(jsonText(persona));
    return 0;
  }
  const { testsPass, lintPass, formatPass, customChecks } = persona.config;
  const required = [
    ...(testsPass ? ['tests'] : []),
    ...(lintPass ? ['lint'] : []),
    ...(formatPass ? ['format'] : []),
    ...customChecks.map(checkText),
  ];
  context.out.line(
    fields([
      ['Persona', [bold(persona.name), `  ${persona.version}, ${persona.source}`]],
      ['File', persona.path],
      ['About', persona.description],
      ['Must pass', required.length === 0 ? 'nothing' : required.join(', ')],
      ...given('Model', persona.model),
      ...given('Effort', persona.effort),
      ...given('Tools', persona.tools?.join(', ')),
    ]),
  );
  context.out.line();
  context.out.line(persona.body);
  return 0;
}

const given = (name: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[name, value]];

function checkText({ name, command, expectedExitCode }: CustomCheck): string {
  return `${name} (${command}${expectedExitCode === 0 ? '' : `, exit ${expectedExitCode}`})`;
}
