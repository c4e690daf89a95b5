import type { Argument, Command, Option } from 'commander';
import { askText, askWhich, mayAsk } from './ask.ts';
import type { CommandContext } from './context.ts';
import { commandIn, pathOf } from './leaf.ts';
import { subjectOfArgument, subjectsNow } from './subjects.ts';

/**
 * Asks for the first argument or option that a command needs and was not given.
 *
 * @param argv as commander could not take it
 * @returns the same with the answer, or `null` where nobody can be asked, or there is nothing to choose from
 */
export async function askMissing(
  root: Command,
  argv: readonly string[],
  context: CommandContext,
): Promise<string[] | null> {
  if (!mayAsk(context)) return null;
  const command = commandIn(root, argv.slice(2));
  const argument = command.registeredArguments.find((each, at) => each.required && !command.args[at]);
  const option = command.options.find(
    (each) => each.mandatory && command.getOptionValue(each.attributeName()) === undefined,
  );
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  if (argument !== undefined) {
    const answer = await askArgument(command, argument, context);
    return answer === null ? null : [...argv, ...(end === argv.length ? ['--'] : []), answer];
  }
  if (option === undefined) return null;
  return [...argv.slice(0, end), `${option.long}=${await askOption(option)}`, ...argv.slice(end)];
}

async function askArgument(
  command: Command,
  argument: Argument,
  context: CommandContext,
): Promise<string | null> {
  const name = argument.name();
  const path = pathOf(command);
  const subject = subjectOfArgument(path, name);
  if (subject === undefined) return askText(`${name.charAt(0).toUpperCase()}${name.slice(1)}?`);
  const choices = await subjectsNow(await context.services(), subject, context);
  return choices.length === 0 ? null : askWhich(`Which ${subject}?`, choices);
}

/** What is asked for is what its help says, without the remarks. */
async function askOption({ description, long }: Option): Promise<string> {
  return askText(`${long?.slice(2)}: ${description.split(';')[0]}`);
}
