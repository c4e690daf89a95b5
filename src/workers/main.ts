import { once } from 'node:events';
import type { Config } from '../factory/config/config.ts';
import { FACTORY } from '../factory/finance/deps.ts';
import { DarkFactoryError, usageError } from '../lib/failure.ts';
import { outlivesHangUp } from '../lib/process/hang-up.ts';
import { catalogue, isQueueName, type QueueName, queueNames } from '../queues/jobs/catalogue.ts';
import { checkRedis, tryRedis } from '../queues/redis/redis-check.ts';
import { createServices, type Services } from '../services.ts';
import { episodesOf } from '../state/home/episodes.ts';
import { presenceOf } from '../state/home/presence.ts';
import { noteSettings } from '../state/home/settings-seen.ts';
import { afterFailure } from './after-failure.ts';
import { beatHeart } from './heartbeat.ts';
import { type Host, startHost } from './host.ts';
import { createKeepAwake, type KeepAwake } from './keep-awake.ts';
import { gatesAtOnce } from './maintenance/gate-slots.ts';
import { loadProcessors } from './processors.ts';

export interface RunWorkerOptions {
  /** Names of queues. Missing: all. */
  queues?: string[];
  /** Agent steps at once. Missing: from the configuration. */
  concurrency?: number;
}

/** Time kept back from the grace period for closing connections, in milliseconds. */
const CLOSING = 2_000;

/**
 * One worker process: works until SIGTERM, SIGINT or the end of the process that started it, then lets running jobs end
 * or interrupts them within the grace period.
 *
 * @returns the exit code: 0 after an orderly end, 1 when jobs did not end in time
 * @throws DarkFactoryError `usage`/`queue_unknown`, `environment` errors of Redis, and `environment`/`sandbox_missing` or
 *   `machine_exhausted` where it would have to run commands
 */
export async function runWorker(options: RunWorkerOptions): Promise<number> {
  const queues = chooseQueues(options.queues);
  const stop = stopRequested();
  const services = await createServices({ role: 'worker' });
  try {
    // A worker without a sandbox would take jobs from those that have one, only to put the projects aside.
    await Promise.all([
      services.redis().then(async (redis) => {
        await checkRedis(redis);
        await tryRedis(redis, await services.queuePrefix());
      }),
      queues.some((name) => catalogue[name].options.runsCommands) ? services.sandbox() : null,
    ]);
    await (await services.queues()).limit(services.config.queues);
    const host = await startHost({
      services,
      processors: await loadProcessors(),
      redis: await services.redis(),
      prefix: await services.queuePrefix(),
      queues,
      concurrency: (name) => concurrencyOf(name, services.config, options.concurrency),
      onFailure: (payload, error, remedy) => afterFailure(services, payload, error, remedy),
    });
    const expelled = new AbortController();
    const awake = services.config.keepAwake ? keepAwake(services) : null;
    const heart = beat(services, host, expelled, awake);
    await noteStart(services, queues);
    const only = queues.length === queueNames.length ? '' : ` for ${queues.join(', ')}`;
    process.stderr.write(`worker ${process.pid} is ready${only}\n`);
    // To whoever started it and waits for that.
    process.send?.('ready');
    await Promise.race([stop, once(expelled.signal, 'abort')]);
    clearInterval(heart);
    awake?.close();
    const code = await leave(host, services.config.workers.grace);
    if (expelled.signal.aborted) throw expelled.signal.reason;
    return code;
  } finally {
    await services.close();
  }
}

function keepAwake({ log }: Pick<Services, 'log'>): KeepAwake {
  const { platform, env, pid } = process;
  return createKeepAwake({ platform, env, pid, onProblem: (problem) => log.warn({}, problem) });
}

/** For the audit log: who works here from now on, and by which settings. It is no reason to end. */
async function noteStart(
  services: Pick<Services, 'home' | 'config' | 'factoryEvents' | 'record' | 'log'>,
  queues: readonly QueueName[],
): Promise<void> {
  const message = `Worker ${process.pid} began: ${queues.join(', ')}.`;
  try {
    await noteSettings({ ...services, events: services.factoryEvents });
    await services.record({ projectId: FACTORY, type: 'worker.started', level: 'info', message });
  } catch (err) {
    services.log.warn({ err }, 'the start of a worker is missing in the audit log');
  }
}

function chooseQueues(asked: string[] | undefined): QueueName[] {
  if (asked === undefined) return [...queueNames];
  const unknown = asked.find((name) => !isQueueName(name));
  if (unknown === undefined && asked.length > 0) return asked.filter(isQueueName);
  throw usageError(
    'queue_unknown',
    unknown === undefined ? 'No queue was named' : `There is no queue "${unknown}"`,
    `Queues: ${queueNames.join(', ')}.`,
  );
}

function concurrencyOf(name: QueueName, config: Config, asked: number | undefined): number {
  const declared = catalogue[name].options.concurrency;
  if (declared === 'workers') return asked ?? config.workers.concurrency;
  if (declared === 'gates') return gatesAtOnce(config);
  return declared;
}

/** Resolves at the first request to end; a second one ends the process at once, with nothing half written. */
function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    const ask = () => {
      if (asked) process.exit(1);
      asked = true;
      process.stderr.write(`worker ${process.pid} is stopping; running jobs end or are interrupted\n`);
      resolve();
    };
    process.on('SIGTERM', ask);
    process.on('SIGINT', ask);
    // Its terminal was closed. A process group hears of it more than once: never a second, harder request.
    process.on('SIGHUP', () => {
      if (!asked && !outlivesHangUp(process.env)) ask();
    });
    // The process that started us is gone, however it died: nobody would stop us later.
    process.once('disconnect', () => {
      if (!asked) ask();
    });
  });
}

/** A little less than the whole: timers are not exact, and the next look of a lone worker must not be taken for one too many. */
const SHARE_OF_PERIOD = 0.9;

/** Looks for lost work now and then. Of several workers, one a period does it. Each looks after its own connections. */
function beat(
  services: Pick<
    Services,
    | 'config'
    | 'emergencyStop'
    | 'projectService'
    | 'claimPrefix'
    | 'record'
    | 'log'
    | 'home'
    | 'clock'
    | 'state'
  >,
  host: Host,
  expelled: AbortController,
  awake: KeepAwake | null,
): NodeJS.Timeout {
  const every = services.config.workers.reconcileInterval;
  const look = (throttle: number, id: string) => {
    // Nobody would take the jobs, and each round would add one.
    if (services.emergencyStop.look() !== null) return;
    services.projectService.requestReconcile(throttle, id).catch((error: unknown) => {
      services.log.warn({ err: error }, 'could not ask for a reconcile');
    });
  };
  const presence = presenceOf(services);
  const episodes = episodesOf(services);
  let sign: number | null = null;
  const live = () => {
    presence.beat(sign).then(
      (given) => {
        sign = given;
      },
      (err: unknown) => services.log.warn({ err }, 'could not put down that a worker lives'),
    );
    beatHeart({ ...services, episodes }, process.env, expelled.signal).catch((err: unknown) =>
      services.log.warn({ err }, 'could not look whether a heartbeat is due'),
    );
    if (awake === null) return;
    services.state.listOpenProjects().then(
      (projects) => awake.look(projects),
      (err: unknown) => services.log.warn({ err }, 'could not look for work to stay awake for'),
    );
  };
  live();
  // At once at the start: what a killed worker left behind must not wait for the next round.
  look(0, `reconcile.${process.pid}`);
  return setInterval(() => {
    live();
    look(SHARE_OF_PERIOD * every, 'reconcile');
    // Redis may have forgotten whose its keys are, and another home may have been faster.
    services.claimPrefix().catch((error: unknown) => {
      if (error instanceof DarkFactoryError && error.code === 'redis_prefix_taken') expelled.abort(error);
    });
    tellRevived(services, host).catch((error: unknown) => {
      services.log.warn({ err: error }, 'could not look after the queues');
    });
  }, every);
}

/** Asks the host to connect anew what is stuck, and tells of each. */
export async function tellRevived(
  { record }: Pick<Services, 'record'>,
  host: Pick<Host, 'revive'>,
): Promise<void> {
  for (const queue of await host.revive()) {
    await record({
      projectId: FACTORY,
      type: 'worker.recreated',
      level: 'warn',
      message: `Worker ${process.pid} took no jobs of the queue ${queue} though some waited; it was connected anew.`,
    });
  }
}

async function leave(host: Host, graceMs: number): Promise<number> {
  const deadline = AbortSignal.timeout(graceMs);
  const late = new Promise<'late'>((resolve) => {
    deadline.addEventListener('abort', () => resolve('late'), { once: true });
  });
  const ended = host.close(Math.max(0, graceMs - CLOSING)).then(() => 'ended' as const);
  if ((await Promise.race([ended, late])) === 'ended') return 0;
  process.stderr.write(`worker ${process.pid}: ${host.running()} jobs did not end within the grace period\n`);
  return 1;
}
