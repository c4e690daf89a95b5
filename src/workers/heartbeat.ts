import type { Config } from '../factory/config/config.ts';
import type { Log } from '../lib/log.ts';
import { ping } from '../notify/http.ts';
import { addressOf, missingAddress } from '../notify/send.ts';
import type { Episodes } from '../state/home/episodes.ts';

/** As an episode: told once in the log, and again after it went well. */
const FAILS = 'heartbeat';
/** When it was last done, by whatever worker of the home. */
const PING = 'heartbeat-ping';

/**
 * Tells a watchdog elsewhere that a worker lives (`notifications.heartbeat`), if that is due: of all workers one does. It never
 * holds up work.
 */
export async function beatHeart(
  {
    config,
    log,
    episodes,
  }: { config: Pick<Config, 'notifications'>; log: Pick<Log, 'warn'>; episodes: Episodes },
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const { url, interval } = config.notifications.heartbeat;
  if (url === undefined || !(await episodes.isDue(PING, interval))) return;
  const address = addressOf(url, env);
  const sent =
    address === null ? { ok: false as const, problem: missingAddress(url) } : await ping(address, signal);
  if (sent.ok) await episodes.end(FAILS);
  else if (!signal.aborted && (await episodes.begin(FAILS)))
    log.warn({ problem: sent.problem }, 'the heartbeat could not be sent (notifications.heartbeat)');
}
