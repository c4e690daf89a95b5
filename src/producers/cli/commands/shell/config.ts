/** The settings of config.yaml: `df config get|set|unset|list`. */

import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { createProcesses } from '../../../../lib/process/process.ts';
import { createLocks } from '../../../../state/files/lock.ts';
import {
  findInConfig,
  findSetting,
  readSettings,
  type Setting,
  setInConfig,
  settings,
  settingValue,
} from '../../../../state/home/config-edit.ts';
import { valueText } from '../../../../state/home/config-template.ts';
import { configFileOf, resolveHome } from '../../../../state/home/home.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { CommandModule } from '../../framework/leaf.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { dim, jsonText, yellow } from '../../render/output.ts';
import { table } from '../../render/table.ts';

/** As people and `--json` see it; a setting without a value and a default is not set. */
interface Shown {
  key: string;
  value: unknown;
  isDefault: boolean;
  meaning: string;
}

async function list(context: CommandContext): Promise<number> {
  const raw = await rawOf(context);
  const all = settings().map((each) => shown(each, raw));
  if (context.json) context.out.raw(jsonText(all));
  else {
    const rows = all.map(({ key, value, isDefault }) => {
      const text = textOf(value);
      return [key, isDefault ? dim(text) : text, isDefault ? '' : 'set'];
    });
    context.out.line(
      table([{ head: 'key' }, { head: 'value', width: 60, wraps: true }, { head: '' }], rows, context.out),
    );
  }
  return 0;
}

async function get(context: CommandContext, invocation: Invocation): Promise<number> {
  const setting = findSetting(requiredArgument(invocation));
  const found = shown(setting, await rawOf(context));
  context.out.raw(context.json ? jsonText(found) : `${textOf(found.value)}\n`);
  return 0;
}

async function set(context: CommandContext, invocation: Invocation): Promise<number> {
  const setting = findSetting(requiredArgument(invocation));
  const changed = await change(context, setting, requiredArgument(invocation, 1));
  const found = shown(setting, await rawOf(context));
  if (context.json) context.out.raw(jsonText(found));
  else {
    context.out.line(`${found.key}: ${textOf(found.value)}${found.isDefault ? '  (default)' : ''}`);
    context.err.line(changed ? RESTART : UNCHANGED);
  }
  return 0;
}

async function unset(context: CommandContext, invocation: Invocation): Promise<number> {
  const asked = await findInConfig(fileOf(context), requiredArgument(invocation));
  const changed = await change(context, asked, 'null');
  const setting = settings().find(({ path }) => path === asked.path);
  const raw = await rawOf(context);
  const found = setting === undefined ? { key: asked.path } : shown(setting, raw);
  if (context.json) context.out.raw(jsonText(found));
  else {
    const now = 'value' in found ? `${textOf(found.value)}  (default)` : 'taken out';
    context.out.line(`${found.key}: ${now}`);
    context.err.line(changed ? RESTART : UNCHANGED);
  }
  return 0;
}

const UNCHANGED = 'config.yaml says so already; nothing was changed.';
const RESTART = 'Workers that run keep the settings they began with: start them again.';

/** Also of a file that nothing else can be done with. @returns whether it says anything else now */
async function change(context: CommandContext, setting: { path: string }, typed: string): Promise<boolean> {
  const file = fileOf(context);
  const changed = await setInConfig(file, setting, typed, createLocks(createProcesses()));
  if (!changed || (await readSettings(file)).wrong !== '') return changed;
  // Only the key: a value may be an address with a password in it.
  const message = `config.yaml: ${setting.path} was set by its owner.`;
  await ownerAct(await context.services(), 'config.written', message);
  return true;
}

const fileOf = ({ env }: CommandContext): string => configFileOf(resolveHome(env));

/** Tells what is wrong with the file, for which everything else is refused. */
async function rawOf(context: CommandContext): Promise<unknown> {
  const { raw, wrong } = await readSettings(fileOf(context));
  if (wrong !== '') context.err.line([yellow('warning:'), ` config.yaml cannot be used: ${wrong}.`]);
  return raw;
}

function shown(setting: Setting, raw: unknown): Shown {
  return { key: setting.path, ...settingValue(setting, raw), meaning: setting.meaning };
}

const textOf = (value: unknown) => (value === null ? 'not set' : valueText(value));

export const listCommand: CommandModule = { run: list };
export const getCommand: CommandModule = { run: get };
export const setCommand: CommandModule = { run: set };
export const unsetCommand: CommandModule = { run: unset };
