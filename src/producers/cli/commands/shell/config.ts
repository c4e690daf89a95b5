/** The settings of config.yaml: `df config get|set|list`. */

import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { createProcesses } from '../../../../lib/process/process.ts';
import { createLocks } from '../../../../state/files/lock.ts';
import {
  findSetting,
  readSettings,
  type Setting,
  setInConfig,
  settings,
  settingValue,
} from '../../../../state/home/config-edit.ts';
import { valueText } from '../../../../state/home/config-template.ts';
import type { CommandContext } from '../../framework/context.ts';
import type { CommandModule } from '../../framework/leaf.ts';
import { type Invocation, requiredArgument } from '../../framework/options.ts';
import { dim, jsonText } from '../../render/output.ts';
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
  const services = await context.services();
  const { configFile } = services.home;
  const locks = createLocks(createProcesses());
  await setInConfig(configFile, setting, requiredArgument(invocation, 1), locks);
  // Only the key: a value may be an address with a password in it.
  await ownerAct(services, 'config.written', `config.yaml: ${setting.path} was set by its owner.`);
  const found = shown(setting, await rawOf(context));
  if (context.json) context.out.raw(jsonText(found));
  else {
    context.out.line(`${found.key}: ${textOf(found.value)}${found.isDefault ? '  (default)' : ''}`);
    context.err.line('Workers that run keep the settings they began with: start them again.');
  }
  return 0;
}

async function rawOf(context: CommandContext): Promise<unknown> {
  return readSettings((await context.services()).home.configFile);
}

function shown(setting: Setting, raw: unknown): Shown {
  return { key: setting.path, ...settingValue(setting, raw), meaning: setting.meaning };
}

const textOf = (value: unknown) => (value === null ? 'not set' : valueText(value));

export const listCommand: CommandModule = { run: list };
export const getCommand: CommandModule = { run: get };
export const setCommand: CommandModule = { run: set };
