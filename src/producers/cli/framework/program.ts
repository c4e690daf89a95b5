import { Command } from 'commander';
import { declareForges } from '../commands/forges/declare.ts';
import { declareMachine, declareStart } from '../commands/machine/declare.ts';
import { declarePersonas } from '../commands/personas/declare.ts';
import { declarePlanning } from '../commands/planning/declare.ts';
import { declareProjects } from '../commands/projects/declare.ts';
import { declareProviders } from '../commands/providers/declare.ts';
import { declareReview } from '../commands/review/declare.ts';
import { declareSchedules } from '../commands/schedules/declare.ts';
import { declareService } from '../commands/service/declare.ts';
import { declareShell } from '../commands/shell/declare.ts';
import { declareTalk } from '../commands/talk/declare.ts';
import { declareView } from '../commands/view/declare.ts';
import { overview } from '../render/overview.ts';
import { addExamples, type Leaf, type Load, pathOf } from './leaf.ts';
import type { Invocation } from './options.ts';

/**
 * All commands and flags, declared without loading any of them: `--help` costs commander and nothing else. Errors, help
 * and version are thrown as commander's errors; only help and version print anything.
 *
 * @param options.name the name that the program was called by
 * @param options.execute runs a command's file; its exit code is the caller's concern
 */
export function buildProgram(options: {
  name: string;
  version: string;
  execute: (load: Load, invocation: Invocation) => Promise<void>;
}): Command {
  const { name } = options;
  const root = new Command(name)
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .version(options.version, '-V, --version', 'show the version')
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  root.helpInformation = () => overview(name);

  const leaf: Leaf = (parent, usage, summary, load, examples = []) => {
    const command = parent
      .command(usage, { hidden: usage.startsWith('__') })
      .summary(summary)
      .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
      .option('--json', 'print one JSON document on stdout')
      .action(async () => {
        const args = command.processedArgs.flat().filter((each): each is string => typeof each === 'string');
        // With those of the commands above: of `tasks add … --json` commander gives the flag to `tasks`, which has it too.
        await options.execute(load, { args, options: command.optsWithGlobals() });
      });
    letIdBeLeftOut(command);
    addExamples(command, name, examples.length > 0 ? examples : [pathOf(command).join(' ')]);
    return command;
  };

  declareStart(root, leaf);
  declareProjects(root, leaf);
  declareSchedules(root, leaf);
  declarePlanning(root, leaf);
  declareReview(root, leaf);
  declareTalk(root, leaf);
  declareView(root, leaf);
  declareProviders(root, leaf);
  declarePersonas(root, leaf);
  declareForges(root, leaf);
  declareMachine(root, leaf);
  declareService(root, leaf);
  declareShell(root, leaf);
  return root;
}

/** Where words follow an id that may be left out, their places do not tell what is missing: the command looks itself. */
function letIdBeLeftOut(command: Command): void {
  const [first, ...others] = command.registeredArguments;
  if (first === undefined || first.required) return;
  command.usage(command.usage());
  for (const argument of others) argument.required = false;
}
