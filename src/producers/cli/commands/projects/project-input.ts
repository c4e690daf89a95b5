import path from 'node:path';
import type { NewProject } from '../../../../factory/lifecycle/create/new-project.ts';
import type { GateCommands } from '../../../../factory/model/project.ts';
import type { SealedShow } from '../../../../factory/model/sealing/sealed.ts';
import { refuseTwoSeals, refuseWithoutSeals } from '../../../../factory/sealing/order.ts';
import { readSealedFolder } from '../../../../state/projects/sealed.ts';
import type { CommandContext } from '../../framework/context.ts';
import {
  type Invocation,
  requiredArgument,
  switchedOff,
  textOption,
  textOptions,
} from '../../framework/options.ts';
import {
  parseChoice,
  parseCommand,
  parseDurationOption,
  parseList,
  parseUsd,
  parseWhole,
} from '../../framework/parse.ts';
import { readText } from '../../framework/text-input.ts';

/** Reads what `df init` and `df run` were asked for. Limits on texts are the engine's. */
export async function readNewProject(context: CommandContext, invocation: Invocation): Promise<NewProject> {
  const description = textOption(invocation, 'description') ?? '';
  const base = textOption(invocation, 'base');
  const personas = textOptions(invocation, 'persona');
  const maxRuntime = textOption(invocation, 'maxRuntime');
  const budget = textOption(invocation, 'budget');
  const model = textOption(invocation, 'model');
  const setup = commandOption(invocation, 'setup');
  const sealed = await readSealed(context, invocation);
  const turn = await readTurn(context, invocation);
  return {
    name: requiredArgument(invocation),
    repository: path.resolve(context.cwd, textOption(invocation, 'repo') ?? '.'),
    ...(base === undefined ? {} : { base }),
    ...(personas.length === 0 ? {} : { personas: parseList('--persona', personas) }),
    ...(maxRuntime === undefined ? {} : { maxRuntime: parseDurationOption('--max-runtime', maxRuntime) }),
    ...(budget === undefined ? {} : { budget: parseUsd('--budget', budget) }),
    ...(model === undefined ? {} : { model }),
    commands: readCommands(invocation),
    ...(setup === undefined ? {} : { setup }),
    ...sealed,
    ...turn,
    // Last, so that a wrong flag is told before anybody has typed a text into the terminal.
    description: await readText('--description', description, context),
  };
}

async function readTurn(
  context: CommandContext,
  invocation: Invocation,
): Promise<Pick<NewProject, 'priority' | 'after' | 'on'>> {
  const priority = textOption(invocation, 'priority');
  const after = textOptions(invocation, 'after');
  const on = textOption(invocation, 'on');
  const order = priority === undefined ? {} : { priority: parseWhole('--priority', priority, 1, 5) };
  if (after.length === 0 && on === undefined) return order;
  const { state } = await context.services();
  const references = after.length === 0 ? [] : parseList('--after', after);
  const ids = await Promise.all(references.map((each) => state.resolveProject(each)));
  return {
    ...order,
    ...(ids.length === 0 ? {} : { after: ids }),
    ...(on === undefined ? {} : { on: await state.resolveProject(on) }),
  };
}

async function readSealed(
  context: CommandContext,
  invocation: Invocation,
): Promise<Pick<NewProject, 'sealed' | 'sealWith'>> {
  const folder = textOption(invocation, 'sealed');
  const persona = textOption(invocation, 'sealWith');
  const command = textOption(invocation, 'sealedCommand');
  const show = textOption(invocation, 'sealedShow');
  if (folder === undefined && persona === undefined) {
    if (command === undefined && show === undefined) return {};
    const option = command === undefined ? '--sealed-show' : '--sealed-command';
    refuseWithoutSeals(option);
  }
  if (folder !== undefined && persona !== undefined) refuseTwoSeals();
  const how = {
    ...(command === undefined ? {} : { command: parseCommand('--sealed-command', command) }),
    show: show === undefined ? 'none' : parseChoice<SealedShow>('--sealed-show', show, ['names', 'none']),
  } as const;
  if (persona !== undefined) return { sealWith: { persona, ...how } };
  return { sealed: { ...how, ...(await readSealedFolder(path.resolve(context.cwd, folder ?? ''))) } };
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
