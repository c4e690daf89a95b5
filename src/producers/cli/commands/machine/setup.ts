import { existsSync } from 'node:fs';
import { chmod, rename } from 'node:fs/promises';
import type { Check } from '../../../../factory/diagnosis/check.ts';
import { requireMasterKey } from '../../../../factory/finance/providers/provider-changes.ts';
import { ownerAct } from '../../../../factory/lifecycle/owner-act.ts';
import { EXIT_CODE, usageError } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { writeNewConfig } from '../../../../state/home/config-file.ts';
import { type ConfigChoices, configTemplate } from '../../../../state/home/config-template.ts';
import { mayAsk } from '../../framework/ask.ts';
import type { CommandContext } from '../../framework/context.ts';
import { flagOption, type Invocation, textOption } from '../../framework/options.ts';
import { parseDurationOption, parseList } from '../../framework/parse.ts';
import { green, jsonText, red } from '../../render/output.ts';
import { examine, showChecks } from '../doctor/doctor.ts';
import { requirePersonas } from './setup-personas.ts';

/** Writes the configuration where there is none, makes folders and master key, and looks at the machine; exit code 4 when something needed does not work. */
export async function run(context: CommandContext, invocation: Invocation): Promise<number> {
  const given = readChoices(invocation);
  const services = await context.services();
  const file = await services.state.providers().get();
  await requireMasterKey(services, file);
  const asks = mayAsk(context) && !flagOption(invocation, 'yes');
  // Of a file that is there nothing is asked: the answers could not be written.
  const force = flagOption(invocation, 'force');
  const writes = force || !existsSync(services.home.configFile);
  if (asks && !writes) refuseChoices(services, given);
  const added = asks && file.providers.length === 0 ? await askFirst(context, services) : null;
  const choices = asks && writes ? await ask(context, services, given) : given;
  await requirePersonas(context, services, choices.personas ?? []);
  await services.home.prepare();
  // Sealing anything makes the master key where there is none.
  await services.vault.seal('setup', 'setup');
  const written = await writeConfig(services, choices, force);
  if (written !== 'kept') await ownerAct(services, 'config.written', `config.yaml was ${written} by setup.`);
  const checks = await examineAnew(context);
  const sound = checks.every((check) => check.status !== 'fail');
  tell(context, services, { written, checks, sound, added });
  return sound ? 0 : EXIT_CODE.environment;
}

/** With the configuration as it now stands. */
async function examineAnew(context: CommandContext): Promise<Check[]> {
  const { createServices } = await import('../../../../services.ts');
  const services = await createServices({ env: context.env });
  try {
    return await examine({ ...context, services: () => Promise.resolve(services) });
  } finally {
    await services.close();
  }
}

function readChoices(invocation: Invocation): ConfigChoices {
  const redisUrl = textOption(invocation, 'redisUrl');
  const maxRuntime = textOption(invocation, 'maxRuntime');
  const personas = textOption(invocation, 'persona');
  if (maxRuntime !== undefined) parseDurationOption('--max-runtime', maxRuntime);
  if (redisUrl !== undefined) checkRedisUrl(redisUrl);
  return {
    ...(redisUrl === undefined ? {} : { redisUrl }),
    ...(maxRuntime === undefined ? {} : { maxRuntime }),
    ...(personas === undefined ? {} : { personas: parseList('--persona', [personas]) }),
  };
}

function checkRedisUrl(text: string): void {
  if (URL.canParse(text) && /^(rediss?|unix):$/.test(new URL(text).protocol)) return;
  throw usageError(
    'redis_url_invalid',
    '--redis-url is no Redis address',
    'Write redis://host:6379, rediss://user:password@host:6379/0 or unix:///path/to/socket',
  );
}

async function askFirst(context: CommandContext, services: Services): Promise<string | null> {
  const { askForProvider } = await import('./setup-provider.ts');
  return askForProvider(context, services);
}

async function ask(
  context: CommandContext,
  services: Services,
  given: ConfigChoices,
): Promise<ConfigChoices> {
  const { askForChoices } = await import('./setup-questions.ts');
  return askForChoices(context, services, given);
}

/** Of a file that is there nothing is changed. Throws `usage`/`config_exists` where something is wanted of it. */
function refuseChoices({ home }: Pick<Services, 'home'>, choices: ConfigChoices): void {
  if (Object.keys(choices).length === 0) return;
  throw usageError(
    'config_exists',
    `${home.configFile} is there already and was left as it is`,
    'Edit it, or run setup again with --force, which keeps the old one beside it',
  );
}

/** @returns what happened to config.yaml */
async function writeConfig(
  { home }: Services,
  choices: ConfigChoices,
  force: boolean,
): Promise<'written' | 'kept' | 'replaced'> {
  const text = configTemplate(choices);
  if (await writeNewConfig(home.configFile, text)) return 'written';
  if (!force) {
    refuseChoices({ home }, choices);
    return 'kept';
  }
  await rename(home.configFile, `${home.configFile}.old`);
  await chmod(`${home.configFile}.old`, 0o600);
  await writeNewConfig(home.configFile, text);
  return 'replaced';
}

function tell(
  context: CommandContext,
  { home }: Services,
  {
    written,
    checks,
    sound,
    added,
  }: { written: string; checks: Check[]; sound: boolean; added: string | null },
): void {
  const { out, json, program } = context;
  if (json) {
    out.raw(jsonText({ home: home.root, config: home.configFile, configFile: written, ok: sound, checks }));
    return;
  }
  out.line(
    {
      written: `Wrote ${home.configFile}`,
      kept: `${home.configFile} is there already and was left as it is`,
      replaced: `Wrote ${home.configFile}; the old one is ${home.configFile}.old`,
    }[written] ?? '',
  );
  out.line();
  showChecks(context, checks);
  out.line();
  out.line(
    sound
      ? green('The machine is ready.')
      : red('Something that the factory needs does not work; see above.'),
  );
  out.line(`See it work, without any key:  ${program} demo`);
  out.line(
    added === null
      ? `Add a model:                   ${program} provider add`
      : `Try your model:                ${program} provider probe ${added}`,
  );
}
