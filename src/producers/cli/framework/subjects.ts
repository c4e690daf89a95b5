import type { Services } from '../../../services.ts';
import { repositoryOf } from '../commands/personas/persona-repository.ts';
import { shortId } from '../render/output.ts';
import type { Choice } from './ask.ts';
import type { CommandContext } from './context.ts';

/** What an argument or an option can name, of which the factory knows all there are. */
export const SUBJECTS = [
  ...(['project', 'provider', 'persona', 'question'] as const),
  ...(['token', 'forge', 'setting', 'schedule'] as const),
] as const;
export type Subject = (typeof SUBJECTS)[number];

/**
 * @param path the words of a command
 * @param name of its argument
 */
export function subjectOfArgument(path: readonly string[], name: string): Subject | undefined {
  const [command, subcommand] = path;
  if (name === 'id') {
    if (command === 'provider' || command === 'prices') return 'provider';
    return command === 'answer' ? 'question' : 'project';
  }
  if (command === 'forge') return name === 'forge' ? 'forge' : undefined;
  if (command === 'persona' && name === 'name') return 'persona';
  if (command === 'config') return name === 'key' ? 'setting' : undefined;
  if (command === 'schedule') return subcommand === 'add' ? undefined : 'schedule';
  return command === 'token' && subcommand === 'remove' ? 'token' : undefined;
}

const OF_OPTIONS: Readonly<Record<string, Subject>> = {
  '--persona': 'persona',
  '--personas': 'persona',
  '--seal-with': 'persona',
  '--projects': 'project',
  '--after': 'project',
  '--on': 'project',
};

export const subjectOfOption = (long: string): Subject | undefined => OF_OPTIONS[long];

/** All there are; of projects the newest first. */
export async function subjectsNow(
  services: Services,
  subject: Subject,
  context: Pick<CommandContext, 'cwd'>,
): Promise<Choice[]> {
  const { state } = services;
  switch (subject) {
    case 'project': {
      const { projects } = await state.listSummaries();
      return projects
        .map(({ id, name, status }) => ({ value: id, label: name, hint: `${shortId(id)}, ${status}` }))
        .reverse();
    }
    case 'provider':
      return (await state.providers().get()).providers.map(({ id, model }) => ({ value: id, hint: model }));
    case 'persona': {
      const { personas } = await services.personas.list(
        await repositoryOf(services.git, context.cwd, undefined),
      );
      return personas.map(({ name, description }) => ({ value: name, hint: description }));
    }
    case 'question': {
      const asked = (await services.projects.getQuestions()).filter(({ open }) => open);
      return asked.map(({ id, question }) => ({ value: shortId(id), hint: question }));
    }
    case 'setting': {
      const { settings } = await import('../../../state/home/config-edit.ts');
      return settings().map(({ path, meaning }) => ({ value: path, hint: meaning }));
    }
    case 'forge':
      return (await state.forges().get()).forges.map(({ id, repository }) => ({
        value: id,
        hint: repository,
      }));
    case 'schedule':
      return (await state.schedules().get()).schedules.map(({ name, cron }) => ({ value: name, hint: cron }));
    case 'token':
      return (await state.tokens().get()).tokens.map(({ name, role }) => ({ value: name, hint: role }));
  }
}
