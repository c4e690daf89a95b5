import path from 'node:path';
import type { NewProject } from '../../factory/project/create.ts';
import type { GateCommands } from '../../factory/project/project.ts';
import type { CommandContext } from './context.ts';
import { type Invocation, requiredArgument, switchedOff, textOption, textOptions } from './options.ts';
import { parseCommand, parseDurationOption, parseList, parseUsd } from './parse.ts';
import { readText } from './text-input.ts';

/** Reads what `df init` and `df run` were asked for. Limits on texts are the engine's. */
export async function readNewProject(context: CommandContext, invocation: Invocation): Promise<NewProject> {
  const description = textOption(invocation, 'description') ?? '';
  const base = textOption(invocation, 'base');
  const personas = textOptions(invocation, 'persona');
  const maxRuntime = textOption(invocation, 'maxRuntime');
  const budget = textOption(invocation, 'budget');
  const setup = commandOption(invocation, 'setup');
  return {
    name: requiredArgument(invocation),
    repository: path.resolve(context.cwd, textOption(invocation, 'repo') ?? '.'),
    ...(base === undefined ? {} : { base }),
    ...(personas.length === 0 ? {} : { personas: parseList('--persona', personas) }),
    ...(maxRuntime === undefined ? {} : { maxRuntime: parseDurationOption('--max-runtime', maxRuntime) }),
    ...(budget === undefined ? {} : { budget: parseUsd('--budget', budget) }),
    commands: readCommands(invocation),
    ...(setup === undefined ? {} : { setup }),
    // Last, so that a wrong flag is told before anybody has typed a text into the terminal.
    description: await readText('--description', description, context),
  };
}

function readCommands(invocation: Invocation): GateCommands {
  const commands: GateCommands = {};
  for (const check of ['test', 'lint', 'format'] as const) {
    const command = commandOption(invocation, check);
    if (command !== undefined) commands[check] = command;
  }
  return commands;
}

/** `null` for `--no-name`, `undefined` when nothing was said. */
function commandOption(invocation: Invocation, name: string): string | null | undefined {
  if (switchedOff(invocation, name)) return null;
  const text = textOption(invocation, name);
  return text === undefined ? undefined : parseCommand(`--${name}`, text);
}
