import { ENDED, type Project } from '../../../factory/model/project.ts';
import { expecting } from '../../../lib/errno.ts';
import { isFailure, usageError } from '../../../lib/failure.ts';
import type { Services } from '../../../services.ts';
import { dim, shortId } from '../render/output.ts';
import { askText, askWhich, mayAsk } from './ask.ts';
import type { CommandContext } from './context.ts';
import type { Invocation } from './options.ts';
import { subjectsNow } from './subjects.ts';

/**
 * The project that a command is about: the one that was named, or without a name the one that alone can be meant.
 *
 * @returns its whole id
 * @throws DarkFactoryError `usage`/`missing_argument` where several can be meant and nobody is there to be asked
 */
export async function projectArgument(
  context: CommandContext,
  { args: [given] }: Invocation,
): Promise<string> {
  const services = await context.services();
  if (given !== undefined) return services.state.resolveProject(given);
  const { meant, open } = await whichIsMeant(services, context);
  if (meant !== undefined) {
    if (!context.json) context.err.line(dim(`Project ${meant.name} (${shortId(meant.id)})`));
    return meant.id;
  }
  const choices = await subjectsNow(services, 'project', context);
  if (choices.length > 0 && mayAsk(context)) return askWhich('Which project?', choices);
  const openHere = open.slice(0, 5).map(({ id, name }) => `${shortId(id)} (${name})`);
  throw usageError(
    'missing_argument',
    choices.length === 0 ? 'There is no project yet' : 'No project was named, and more than one can be meant',
    openHere.length > 1
      ? `Open in this repository: ${openHere.join(', ')}.`
      : choices.length === 0
        ? `Make one with: ${context.program} init`
        : `See them with: ${context.program} list`,
  );
}

/**
 * The project, and the words after it. A single word is the project where it names one, otherwise the words are for the
 * project that alone can be meant.
 *
 * @param what the words are, for a question
 */
export async function projectAndWords(
  context: CommandContext,
  { args, options }: Invocation,
  what: string,
): Promise<{ id: string; words: string }> {
  const { named, others } = await splitArguments(context, args);
  const id = await projectArgument(context, { args: named, options });
  if (others.length > 0) return { id, words: others.join(' ') };
  if (mayAsk(context)) return { id, words: await askText(`${what}?`) };
  throw usageError('missing_argument', `${what} is missing`, 'Write it after the project.');
}

/** @returns what names the project, which may be left out, and what comes after it: a single argument is the former where it does */
export async function splitArguments(
  context: CommandContext,
  args: readonly string[],
): Promise<{ named: string[]; others: string[] }> {
  const [first, ...others] = args;
  if (first === undefined || others.length > 0) return { named: args.slice(0, 1), others };
  const { state } = await context.services();
  const isNone = (error: unknown) => isFailure(error, 'project_not_found');
  const found = await state.resolveProject(first).catch(expecting(isNone, null));
  return found === null ? { named: [], others: [first] } : { named: [first], others };
}

async function whichIsMeant(
  { state, git }: Pick<Services, 'state' | 'git'>,
  context: Pick<CommandContext, 'cwd'>,
): Promise<{ meant?: Pick<Project, 'id' | 'name'>; open: readonly Project[] }> {
  const { projects, unreadable } = await state.listSummaries();
  const [only] = projects;
  if (projects.length + unreadable.length < 2) return { ...(only && { meant: only }), open: [] };
  const open = (await state.listOpenProjects()).filter(({ status }) => !ENDED.has(status));
  if (open.length === 0) return { open };
  const inspecting = Promise.resolve().then(() => git.inspectRepository(context.cwd));
  const here = await inspecting.catch(expecting(isFailure, null));
  const openHere = open.filter(({ gitDir }) => gitDir === here?.commonDir);
  return { ...(openHere.length === 1 && { meant: openHere[0] }), open: openHere };
}
