import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { makeFolder, readWhole, removeQuietly, replaceFile } from '../../../../state/files/files.ts';
import { FROM_ENVIRONMENT as ENV } from '../../../../state/secrets/vault.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation } from '../../framework/options.ts';
import { green, jsonText, yellow } from '../../render/output.ts';
import { installed, MOST_BYTES, managerOf, nameFor, planOf } from './service-plan.ts';

export const installCommand = { run: install };
export const uninstallCommand = { run: uninstall };
export const statusCommand = { run: status };

async function install(context: CommandContext, invocation: Invocation): Promise<number> {
  const services = await context.services();
  const manager = managerOf(context);
  const plan = planOf(context, services, invocation);
  const text = manager.text(plan);
  const file = join(manager.folder, manager.fileName(plan.name));
  if (flagOption(invocation, 'print')) {
    context.out.raw(context.json ? jsonText({ file, text }) : text);
    return 0;
  }
  await manager.check();
  const { running, pid } = await manager.state(plan.name);
  await refuseBesideAnother(context, services, pid);
  const before = (await readWhole(file, MOST_BYTES))?.data.toString('utf8');
  const changed = before !== text || !running;
  if (changed) {
    await services.home.prepare();
    await makeFolder(manager.folder);
    await replaceFile(file, text, `${file}.tmp`);
    await manager.start(plan.name);
  }
  const found = {
    name: plan.name,
    file,
    ...(await manager.state(plan.name)),
    changed,
    outliveLogout: await manager.toOutliveLogout(),
    withoutKey: await keysOfThisShell(services),
  };
  if (context.json) context.out.raw(jsonText(found));
  else tellInstalled(context, found);
  return 0;
}

function tellInstalled(
  { out, program }: CommandContext,
  found: {
    name: string;
    file: string;
    changed: boolean;
    outliveLogout: string | null;
    withoutKey: readonly { id: string; variable: string }[];
  },
): void {
  const { name, file, changed, outliveLogout, withoutKey } = found;
  if (changed) out.line([green('Installed'), ` ${name}: it runs now, and begins by itself.`]);
  else out.line('It is installed already, as asked, and runs.');
  out.line(`File     ${file}`);
  if (outliveLogout !== null) {
    out.line('For it to run while you are logged out:');
    out.command(outliveLogout);
  }
  for (const { id, variable } of withoutKey)
    out.line([
      yellow('warning:'),
      ` provider ${id} takes its key from $${variable}, which a service does not have. Keep it: ${program} provider set-key ${id}`,
    ]);
}

async function uninstall(context: CommandContext): Promise<number> {
  const services = await context.services();
  const manager = managerOf(context);
  const name = nameFor(services.home.root, context.env);
  const gone = (await installed(manager)).filter(
    (each) => each.name === name || (each.home !== null && !existsSync(each.home)),
  );
  for (const each of gone) {
    await manager.stop(each.name);
    await removeQuietly(each.file);
  }
  if (gone.length > 0) await manager.forget();
  if (context.json) context.out.raw(jsonText({ removed: gone }));
  else if (gone.length === 0) context.out.line('No service is installed for this home.');
  for (const { name: removed, home } of context.json ? [] : gone)
    context.out.line(
      `Removed ${removed}${home === null || existsSync(home) ? '' : `, whose home ${home} is gone`}.`,
    );
  return 0;
}

/** Exit code 0 when it runs, 1 when not. */
async function status(context: CommandContext): Promise<number> {
  const { home } = await context.services();
  const manager = managerOf(context);
  const name = nameFor(home.root, context.env);
  const all = await installed(manager);
  const own = all.find((each) => each.name === name);
  const moved = all.filter((each) => each.home !== null && !existsSync(each.home));
  const state = own === undefined ? { enabled: false, running: false, pid: null } : await manager.state(name);
  if (context.json) {
    context.out.raw(
      jsonText({ installed: own !== undefined, name, file: own?.file ?? null, ...state, homeGone: moved }),
    );
    return state.running ? 0 : 1;
  }
  const { out, program } = context;
  if (own === undefined) out.line(`No service is installed for this home: ${program} service install`);
  else {
    out.line(
      `${name} ${state.running ? `runs as process ${state.pid}` : 'does not run'}, and ${state.enabled ? 'begins by itself' : 'does not begin by itself'} (${manager.label}).`,
    );
    out.line(`File     ${own.file}`);
  }
  for (const each of moved)
    out.line(
      `${each.name} is for the home ${each.home}, which is gone: ${program} service uninstall removes it.`,
    );
  return state.running ? 0 : 1;
}

/** Two of them would work side by side, and `df down` end both. */
async function refuseBesideAnother(
  { program }: CommandContext,
  { runningUps }: Services,
  ownPid: number | null,
): Promise<void> {
  const other = (await runningUps.list()).here.find(({ process }) => process.pid !== ownPid);
  if (other === undefined) return;
  throw usageError(
    'up_already',
    `It is up already without a service: process ${other.process.pid}`,
    `Stop that one first: ${program} down`,
  );
}

/** A service has none of the variables that this shell has. */
async function keysOfThisShell({ state }: Services): Promise<{ id: string; variable: string }[]> {
  const { providers } = await state.providers().get();
  return providers.flatMap(({ id, apiKey }) =>
    apiKey.startsWith(ENV) ? [{ id, variable: apiKey.slice(ENV.length) }] : [],
  );
}
