import { type Check, ok, warn } from '../../../../factory/diagnosis/check.ts';
import { keyInClearWarning, sendsKeyInClear } from '../../../../factory/finance/providers/provider-checks.ts';
import { EXIT_CODE } from '../../../../lib/failure.ts';
import { totalMemory } from '../../../../lib/process/machine.ts';
import type { Services } from '../../../../services.ts';
import { examineHealth } from '../../../health/examine.ts';
import type { CommandContext } from '../../framework/context.ts';
import { green, jsonText, red, type Text, yellow } from '../../render/output.ts';
import { checkForges } from './forge-checks.ts';
import { checkHome } from './home-check.ts';
import { look } from './look.ts';
import { checkGit, checkMasterKey, checkRuntime, judgeClock, judgeMachine } from './machine-checks.ts';

/** Exit code 4 when something that the factory needs does not work. */
export async function run(context: CommandContext): Promise<number> {
  const checks = await examine(context);
  const sound = checks.every((check) => check.status !== 'fail');
  if (context.json) context.out.raw(jsonText({ ok: sound, checks }));
  else {
    showChecks(context, checks);
    const warnings = checks.filter((check) => check.status === 'warn').length;
    context.out.line();
    context.out.line(
      sound
        ? green(warnings === 0 ? 'Everything works.' : 'It works, with the warnings above.')
        : red('Something that the factory needs does not work.'),
    );
  }
  return sound ? 0 : EXIT_CODE.environment;
}

/** All checks, in the order in which they are shown. */
export async function examine(context: CommandContext): Promise<Check[]> {
  const { env } = context;
  let services: Services | undefined;
  const opened = await look('configuration', async () => {
    services = await context.services();
    return ok('configuration', services.home.root);
  });
  const first = [
    checkRuntime(),
    judgeMachine(totalMemory()),
    ...(await look('git', () => checkGit(env))),
    ...opened,
  ];
  if (services === undefined) return first;
  const opening = services;
  // What can be seen without trying is the same for `df health` and for this.
  const seen = await look('health', async () => (await examineHealth(opening, env)).checks);
  const redisAway = seen.some(({ name, status }) => name === 'redis' && status === 'fail');
  const tried = await Promise.all([
    look('home', () => checkHome(opening.home.root)),
    look('master key', () => checkMasterKey(opening.home.root, env)),
    ...(redisAway
      ? []
      : [look('redis', () => tryToWrite(opening)), look('clock', () => checkClock(opening))]),
    look('notifications', async () => checkNotifications(opening, env, context.program)),
    look('forges', () => checkForges(opening)),
    look('sandbox', async () => {
      const { checkSandboxAndPush } = await import('./sandbox-checks.ts');
      return checkSandboxAndPush(opening, env);
    }),
    look('providers', () => checkKeys(opening, context.program)),
  ]);
  return [...first, ...seen, ...tried.flat()];
}

async function tryToWrite(services: Services): Promise<Check[]> {
  const { tryRedis } = await import('../../../../queues/redis/redis-check.ts');
  await tryRedis(await services.redis(), await services.queuePrefix());
  return [];
}

/** Leases, rates and schedules compare moments of several machines. */
async function checkClock(services: Services): Promise<Check> {
  const redis = await services.redis();
  const before = services.clock.now().getTime();
  const [seconds, micros] = await redis.time();
  const after = services.clock.now().getTime();
  return judgeClock(
    (before + after) / 2 - (Number(seconds) * 1_000 + Number(micros) / 1_000),
    after - before,
  );
}

function checkNotifications({ config }: Services, env: NodeJS.ProcessEnv, program: string): Check[] {
  const { targets, heartbeat } = config.notifications;
  const urls = [
    ...targets.flatMap((target) => (target.type === 'command' ? [] : [target.url])),
    heartbeat?.url,
  ];
  if (targets.length === 0 && heartbeat.url === undefined)
    return [ok('notifications', 'none are configured')];
  const missing = urls.flatMap((url) =>
    url?.startsWith('env:') && !env[url.slice(4)] ? [url.slice(4)] : [],
  );
  const detail = `${targets.length} configured${heartbeat.url === undefined ? '' : ', and a heartbeat'}`;
  if (missing.length === 0) return [ok('notifications', detail)];
  const said = `${missing.join(', ')} not set in this environment`;
  return [warn('notifications', said, `Set it for the workers too, then try: ${program} notify test`)];
}

async function checkKeys({ state, vault }: Services, program: string): Promise<Check[]> {
  const { providers } = await state.providers().get();
  return Promise.all(
    providers.map(async (provider) => {
      const name = `provider ${provider.id}`;
      // Throws where the key cannot be used.
      await vault.open(provider.id, provider.apiKey);
      if (!provider.enabled)
        return ok(name, `${provider.model}, switched off ${provider.disabledReason ?? ''}`.trim());
      if (!sendsKeyInClear(provider)) return ok(name, provider.model);
      const remedy = `${program} provider update ${provider.id} --base-url https://…`;
      return warn(name, keyInClearWarning(provider), remedy);
    }),
  );
}

export function showChecks({ out }: CommandContext, checks: readonly Check[]): void {
  const width = Math.max(...checks.map((check) => check.name.length));
  for (const check of checks) {
    const mark: Text = { ok: green('ok  '), warn: yellow('warn'), fail: red('FAIL') }[check.status];
    out.line([mark, `  ${check.name.padEnd(width)}  ${check.detail}`]);
    if (check.remedy !== undefined) out.line(`${' '.repeat(width + 8)}${check.remedy}`);
  }
}
