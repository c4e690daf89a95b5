import type { Command } from 'commander';
import type { CommandContext } from './context.ts';
import type { Invocation } from './options.ts';

/** What a command's file exports; loaded only when the command is called. */
export interface CommandModule {
  /** @returns the exit code */
  run(context: CommandContext, invocation: Invocation): Promise<number>;
}

export type Load = () => Promise<CommandModule>;

/** Declares a command whose action loads its file. Every command understands `--json`. */
export type Leaf = (
  parent: Command,
  usage: string,
  summary: string,
  load: Load,
  examples?: readonly string[],
) => Command;

/** The words that lead to a command, without the name of the program. */
export function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

/** The command that the first words lead to, as far as they lead to one. */
export function commandIn(command: Command, words: readonly string[]): Command {
  const [first = '', ...others] = words;
  const below = command.commands.find((each) => [each.name(), ...each.aliases()].includes(first));
  return below === undefined ? command : commandIn(below, others);
}

/** Of an option that may be given several times. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** What stands below the options of a help page. Every page has examples. */
export function addExamples(command: Command, program: string, examples: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${examples.map((each) => `  ${program} ${each}\n`).join('')}`);
}
