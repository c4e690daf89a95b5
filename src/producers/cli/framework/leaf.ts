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

/** What stands below the options of a help page. Every page has examples. */
export function addExamples(command: Command, program: string, examples: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${examples.map((each) => `  ${program} ${each}\n`).join('')}`);
}
