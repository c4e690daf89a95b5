import type { Services } from '../../../../services.ts';
import type { CommandContext } from '../../framework/context.ts';
import { repositoryOf } from '../personas/persona-repository.ts';

/** A misspelt one would make every later `df init` fail. */
export async function requirePersonas(
  { cwd }: Pick<CommandContext, 'cwd'>,
  { git, personas }: Pick<Services, 'git' | 'personas'>,
  wanted: readonly string[],
): Promise<void> {
  if (wanted.length === 0) return;
  const repository = await repositoryOf(git, cwd, undefined);
  for (const name of wanted) await personas.load(repository, name);
}
