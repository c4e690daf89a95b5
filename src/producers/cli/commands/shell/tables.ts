import type { Command, Option } from 'commander';
import { role } from '../../../../factory/model/access.ts';
import { VENDOR_NAMES } from '../../../../factory/model/money/vendors.ts';
import { shownStatuses } from '../../../../factory/model/project.ts';
import { pathOf } from '../../framework/leaf.ts';
import { type Subject, subjectOfArgument, subjectOfOption } from '../../framework/subjects.ts';

/** What can stand at a place of the command line. `files`: whatever the shell itself would offer; `text`: nobody knows. */
export type Values = { subject: Subject } | { words: readonly string[] } | 'files' | 'text';

export interface Flag {
  /** `--follow`, and `-f` where there is one. */
  names: readonly string[];
  help: string;
  /** Missing: it takes no value. */
  value?: Values;
}

/** One command, as a shell needs to know it. */
export interface Place {
  /** `provider add`, with every alias of its words; empty for the program itself. */
  paths: readonly string[];
  commands: readonly { name: string; help: string }[];
  flags: readonly Flag[];
  /** What its first argument names. */
  argument: Values;
}

/** All places of the program, from its declarations. */
export function placesOf(root: Command): Place[] {
  const commands = root.createHelp().visibleCommands(root);
  return [placeOf(root), ...commands.flatMap(placesBelow)];
}

function placesBelow(command: Command): Place[] {
  return [placeOf(command), ...command.commands.flatMap(placesBelow)];
}

function placeOf(command: Command): Place {
  const help = command.createHelp();
  const path = pathOf(command).join(' ');
  return {
    paths: pathsOf(command),
    commands: help
      .visibleCommands(command)
      .flatMap((each) => [each.name(), ...each.aliases()].map((name) => ({ name, help: each.summary() }))),
    flags: help.visibleOptions(command).map((option) => flagOf(path, option)),
    argument: argumentOf(command, path),
  };
}

function pathsOf(command: Command): string[] {
  if (command.parent === null) return [''];
  const names = [command.name(), ...command.aliases()];
  return pathsOf(command.parent).flatMap((above) => names.map((name) => `${above} ${name}`.trim()));
}

function flagOf(path: string, { long, short, description, required, optional }: Option): Flag {
  const names = [long, short].filter((each): each is string => each !== undefined && each !== null);
  const flag = { names, help: description };
  return required || optional ? { ...flag, value: valuesOf(path, long ?? '', description) } : flag;
}

function valuesOf(path: string, long: string, description: string): Values {
  const words = WORDS[`${path} ${long}`] ?? WORDS[long];
  if (words !== undefined) return { words };
  const subject = subjectOfOption(long);
  if (subject !== undefined) return { subject };
  return FILES.has(long) || /@FILE/.test(description) ? 'files' : 'text';
}

function argumentOf(command: Command, path: string): Values {
  const [first] = command.registeredArguments;
  if (first === undefined) return 'text';
  const subject = subjectOfArgument(pathOf(command), first.name());
  if (subject !== undefined) return { subject };
  const words = WORDS[`${path} <${first.name()}>`];
  if (words !== undefined) return { words };
  return first.name() === 'file' ? 'files' : 'text';
}

const FILES: ReadonlySet<string> = new Set([
  '--repo',
  '--dir',
  '--output',
  '--adapter',
  '--sealed',
  '--file',
]);

const EFFORTS = ['minimal', 'low', 'medium', 'high', 'max'];
/** Values that can be counted, by option and, where it means several things, its command. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  '--status': shownStatuses.options,
  'tasks update --status': ['pending', 'in_progress', 'blocked'],
  '--level': ['debug', 'info', 'warn', 'error'],
  'export --format': ['markdown', 'json'],
  'report --format': ['markdown', 'json'],
  'provider add --name': VENDOR_NAMES,
  '--effort': EFFORTS,
  '--api': ['responses', 'chat'],
  '--role': role.options,
  '--sealed-show': ['names', 'none'],
  'completion <shell>': ['bash', 'zsh', 'fish'],
};
