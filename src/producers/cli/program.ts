import { Command } from 'commander';
import { declareMachine } from './declare-machine.ts';
import { declareProjects } from './declare-projects.ts';
import { declareProviders } from './declare-providers.ts';
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

const GROUPS = {
  start: 'First steps:',
  projects: 'Projects:',
  insight: 'Looking at them:',
  providers: 'Models and money:',
  machine: 'The machine:',
} as const;

/**
 * All commands and flags, declared without loading any of them: `--help` costs commander and nothing else.
 *
 * @param options.name the name that the program was called by
 * @param options.execute runs a command's file; its exit code is the caller's concern
 */
export function buildProgram(options: {
  name: string;
  version: () => string;
  execute: (load: Load, invocation: Invocation) => Promise<void>;
}): Command {
  const { name } = options;
  const root = new Command(name)
    .description('Give it a git repository and a task in the evening; find a proven branch in the morning.')
    .usage('<command> [options]')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .option('-V, --version', 'show the version')
    .showSuggestionAfterError(true)
    .addHelpText('after', () => overview(name));
  root.on('option:version', () => {
    root.configureOutput().writeOut?.(`${options.version()}\n`);
    root.error('', { code: 'commander.version', exitCode: 0 });
  });

  const leaf: Leaf = (parent, usage, summary, load, examples = []) => {
    const command = parent
      .command(usage)
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .option('--json', 'print one JSON document on stdout')
      .action(async () => {
        const args = command.processedArgs.flat().filter((each): each is string => typeof each === 'string');
        await options.execute(load, { args, options: command.opts() });
      });
    if (examples.length > 0) {
      command.addHelpText('after', `\nExamples:\n${examples.map((each) => `  ${name} ${each}\n`).join('')}`);
    }
    return command;
  };

  declareProjects(root, leaf, GROUPS);
  declareProviders(root, leaf, GROUPS);
  declareMachine(root, leaf, GROUPS);
  return root;
}

export type Groups = typeof GROUPS;

function overview(name: string): string {
  return `
A first run:
  ${name} demo                                     watch the factory work, no key needed
  ${name} provider add --name openai --model gpt-5-mini --api-key-env OPENAI_API_KEY
  ${name} run add-login --description "Add a login form, with tests"

Ids may be shortened; a project's name serves where it is unique.
Everything lives in $DF_HOME (default ~/.dark-factory).
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 environment not ready, 5 waiting.
`;
}
