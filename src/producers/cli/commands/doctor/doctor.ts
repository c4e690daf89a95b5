import { keyInClearWarning, sendsKeyInClear } from '../../../../factory/finance/providers/provider-checks.ts';
import { EXIT_CODE } from '../../../../lib/failure.ts';
import type { Services } from '../../../../services.ts';
import { type Check, fail, look, ok, warn } from './checks.ts';
import { readVersion } from '../../../../lib/version.ts';
import { judgeVersions } from '../../../health/versions.ts';
import type { CommandContext } from '../../framework/context.ts';
import { checkHome } from './home-check.ts';
import {
  checkDisk,
  checkGit,
  checkMasterKey,
  checkMemory,
  checkRuntime,
  judgeClock,
} from './machine-checks.ts';
import { green, jsonText, plural, red, type Text, yellow } from '../../render/output.ts';
import { lookAtWorkers } from '../machine/worker-count.ts';

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
        ? green(warnings === 0 ? 'Everything works.' : 'It works; mind the warnings.')
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
  const first = [checkRuntime(), ...(await look('git', () => checkGit(env))), ...opened];
  if (services === undefined) return first;
  const opening = services;
  const rest = await Promise.all([
    look('emergency stop', async () => checkHalt(opening, context.program)),
    look('home', () => checkHome(opening.home.root)),
    look('master key', () => checkMasterKey(opening.home.root, env)),
    look('redis', () => checkRedisServer(opening)),
    look('clock', () => checkClock(opening)),
    look('workers', () => checkWorkers(opening, env)),
    look('notifications', async () => checkNotifications(opening, env, context.program)),
    look('sandbox', async () => {
      const { checkSandboxAndPush } = await import('./sandbox-checks.ts');
      return checkSandboxAndPush(opening, env);
    }),
    look('state', () => checkState(opening)),
    look('providers', () => checkProviders(opening, context.program)),
    look('disk', () => checkDisk(opening.home.root, opening.config.limits)),
    look('memory', () => checkMemory(opening.config.limits)),
  ]);
  return [...first, ...rest.flat()];
}

function checkHalt({ emergencyStop }: Services, program: string): Check {
  const halt = emergencyStop.look();
  if (halt === null) return ok('emergency stop', 'off');
  return fail(
    'emergency stop',
    `THE FACTORY IS HALTED: ${halt.reason}`,
    `Go on with: ${program} resume --all`,
  );
}

async function checkRedisServer(services: Services): Promise<Check[]> {
  const { checkRedis, tryRedis } = await import('../../../../queues/redis/redis-check.ts');
  const redis = await services.redis();
  const report = await checkRedis(redis);
  await tryRedis(redis, await services.queuePrefix());
  const memory = report.maxMemory === 0 ? 'no memory limit' : `memory ${report.memory}`;
  const detail = `${report.version}, ${report.policy}, persistence ${report.persistence}, ${memory}`;
  const [warning] = report.warnings;
  if (warning === undefined) return [ok('redis', detail)];
  return report.warnings.map((each) => warn('redis', detail, each));
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

/** Two versions side by side are safe, but the older one leaves to the newer what it does not know. */
async function checkWorkers(services: Services, env: NodeJS.ProcessEnv): Promise<Check> {
  const own = readVersion();
  const workers = await lookAtWorkers(services, env);
  if (workers === null)
    return warn(
      'workers',
      'not known: Redis does not answer, or hides its clients',
      'Let the user of redis.url run CLIENT LIST',
    );
  if (workers.count === 0) return ok('workers', 'none is running');
  const other = judgeVersions(own, workers.versions);
  return other === null
    ? ok('workers', `${workers.count} of version ${own}`)
    : warn('workers', other.problem, other.remedy);
}

function checkNotifications({ config }: Services, env: NodeJS.ProcessEnv, program: string): Check[] {
  const { notifications } = config;
  if (notifications.length === 0) return [ok('notifications', 'none: nobody is told')];
  const missing = notifications.flatMap((target) =>
    target.type !== 'command' && target.url.startsWith('env:') && !env[target.url.slice(4)]
      ? [target.url.slice(4)]
      : [],
  );
  const detail = `${notifications.length} configured`;
  if (missing.length === 0) return [ok('notifications', detail)];
  const said = `${missing.join(', ')} not set in this environment`;
  return [warn('notifications', said, `Set it for the workers too, then try: ${program} notify test`)];
}

async function checkState({ state }: Services): Promise<Check[]> {
  const { projects, unreadable } = await state.listProjects();
  const readable = ok('state', `${plural(projects.length, 'project', 'projects')} can be read`);
  return unreadable.length === 0
    ? [readable]
    : unreadable.map(({ id, problem }) =>
        fail(
          'state',
          `project ${id}: ${problem}`,
          'Put the file back from a backup, or move the project folder away',
        ),
      );
}

async function checkProviders({ state, vault }: Services, program: string): Promise<Check[]> {
  const { providers } = await state.providers().get();
  const add = `Add one: ${program} provider add --help`;
  if (providers.length === 0) return [warn('providers', 'there is none yet', add)];
  if (!providers.some((each) => each.enabled)) return [warn('providers', 'all are switched off', add)];
  return Promise.all(
    providers.map(async (provider) => {
      const name = `provider ${provider.id}`;
      // Throws where the key cannot be used.
      await vault.open(provider.id, provider.apiKey);
      if (!provider.enabled)
        return ok(name, `${provider.model}, switched off ${provider.disabledReason ?? ''}`.trim());
      if (sendsKeyInClear(provider))
        return warn(
          name,
          keyInClearWarning(provider),
          `${program} provider update ${provider.id} --base-url https://…`,
        );
      return provider.consecutiveFailures > 0
        ? warn(
            name,
            `${provider.model}, ${provider.consecutiveFailures} failures in a row`,
            `${program} provider probe ${provider.id}`,
          )
        : ok(name, provider.model);
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
