import type { Meter, MeterAnswer, MeterRequest, ProviderHealth, ProviderLive } from '../factory/ports.ts';
import { type FactSource, NANO, toNano, toNanoDown, toNanoUp, type Windows } from './meter-facts.ts';
import { createRebuild } from './meter-rebuild.ts';
import { createScripts, type Scripts } from './meter-scripts.ts';

/** What the meter needs of a Redis connection; an ioredis connection is one. */
export interface RedisCommands {
  evalsha(sha: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export interface MeterOptions {
  redis: RedisCommands;
  /** Of all keys of this home in Redis; the meter's own are below `<prefix>:meter:`. */
  prefix: string;
  facts: FactSource;
  /** How long a request found open in a journal may still be on its way, in milliseconds: the longest model call. */
  openTtlMs: number;
  /** Missing: a minute, an hour, a day. Shorter ones are for tests. */
  windows?: Windows;
  /** Wait this long for a rebuild by another process, in milliseconds. */
  rebuildDeadlineMs?: number;
  /** When open reservations hold all the money, ask again after this many milliseconds. */
  busyRetryMs?: number;
}

/**
 * A request counts for its provider's minute from its grant until 61 s later. The second more than a minute is room for
 * the way from the grant to the provider's door (one fsync, a connection): as long as that takes between 0 and 1 s, the
 * provider never sees more than the limit in any 60 s.
 */
const WINDOWS: Windows = { minute: 61_000, hour: 3_600_000, day: 86_400_000 };
const LIMITS = new Set(['credits', 'project_budget', 'day_budget', 'hour_budget'] as const);
type MoneyLimit = typeof LIMITS extends Set<infer L> ? L : never;

/** The meter on Redis: one script per question, all on Redis' clock. */
export function createMeter(options: MeterOptions): Meter {
  const prefix = `${options.prefix}:meter:`;
  const windows = options.windows ?? WINDOWS;
  const scripts = createScripts(windows);

  async function run(name: keyof Scripts, argument: Record<string, unknown>): Promise<unknown> {
    const script = scripts[name];
    const json = JSON.stringify(argument);
    try {
      return await options.redis.evalsha(script.sha, 1, prefix, json);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return options.redis.eval(script.text, 1, prefix, json);
    }
  }

  const rebuild = createRebuild({
    run,
    facts: options.facts,
    windows,
    openTtlMs: options.openTtlMs,
    deadlineMs: options.rebuildDeadlineMs ?? 60_000,
  });

  /** Runs a script on loaded books, and loads them first where they are not. */
  async function ask(name: keyof Scripts, argument: Record<string, unknown>): Promise<unknown[]> {
    for (;;) {
      const answer = await run(name, argument);
      if (answer !== 'rebuild') return Array.isArray(answer) ? answer : [answer];
      await rebuild();
    }
  }

  async function reserve(request: MeterRequest): Promise<MeterAnswer> {
    const { provider } = request;
    const answer = await ask('reserve', {
      id: request.reservationId,
      provider: provider.id,
      project: request.projectId,
      usd: toNanoUp(request.usd),
      min: toNanoUp(request.minimumUsd),
      tokens: Math.ceil(request.tokens),
      ttl: request.ttlMs,
      busy: options.busyRetryMs ?? 2_000,
      credits: cap(provider.creditsAvailable),
      projectBudget: cap(request.projectBudget),
      dayBudget: cap(request.budgetPerDay),
      hourBudget: cap(request.budgetPerHour),
      rpm: provider.rateLimit.requestsPerMinute,
      tpm: provider.rateLimit.tokensPerMinute,
      rpd: provider.rateLimit.requestsPerDay,
    });
    if (Number(answer[0]) === 1) {
      return { granted: true, usd: Number(answer[1]) / NANO, heldUsd: Number(answer[2]) / NANO };
    }
    const wait = Number(answer[2]);
    const retryAt = new Date(Date.now() + Math.max(wait, 1));
    const limit = String(answer[1]);
    if (limit === 'rate') return { granted: false, limit, retryAt };
    if (!isMoneyLimit(limit)) throw new Error(`The meter refused for an unknown reason: ${limit}`);
    const later = wait >= 0 ? { retryAt } : {};
    if (limit === 'project_budget')
      return { granted: false, limit, leftUsd: Number(answer[3]) / NANO, ...later };
    return { granted: false, limit, ...later };
  }

  async function live(providerIds: readonly string[]): Promise<Map<string, ProviderLive>> {
    const [now, ...rows] = await ask('live', { providers: providerIds });
    return new Map(providerIds.map((id, index) => [id, toLive(rows[index], Number(now))]));
  }

  return {
    reserve,
    live,
    async settle(reservationId, spent) {
      const totals = await ask('settle', {
        id: reservationId,
        usd: toNano(spent.usd),
        tokens: Math.round(spent.tokens),
        possible: spent.possible === true,
        healthy: spent.healthy ?? '',
        provider: spent.account?.providerId,
        project: spent.account?.projectId,
        asks: spent.projectId,
      });
      const [project = 0, possible = 0, hour = 0, day = 0] = totals.map((nano) => Number(nano) / NANO);
      return { projectSpent: project, projectPossible: possible, lastHour: hour, lastDay: day };
    },
    async release(reservationId) {
      await ask('settle', { id: reservationId, usd: 0, tokens: 0, possible: false, healthy: '' });
    },
    async report(providerId, news) {
      const wait = 'waitMs' in news ? news.waitMs : undefined;
      const [now, before, after] = await ask('report', { provider: providerId, kind: news.kind, wait });
      return { before: toHealth(before, Number(now)) ?? FRESH, after: toHealth(after, Number(now)) ?? FRESH };
    },
    async expired() {
      const rows = await ask('expired', {});
      return rows.map((row) => {
        const { id, p, j, n } = JSON.parse(String(row)) as { id: string; p: string; j: string; n: number };
        return { reservationId: id, providerId: p, projectId: j, usd: n / NANO };
      });
    },
    async once(key, ttlMs) {
      const [first] = await ask('once', { key, ttl: ttlMs });
      return Number(first) === 1;
    },
  };
}

const FRESH: ProviderHealth = { consecutiveFailures: 0 };

function isMoneyLimit(text: string): text is MoneyLimit {
  return (LIMITS as Set<string>).has(text);
}

function cap(usd: number | undefined): number | undefined {
  return usd === undefined ? undefined : toNanoDown(usd);
}

function toLive(row: unknown, redisNow: number): ProviderLive {
  const [spent, reserved, requests, tokens, today, health] = Array.isArray(row) ? row : [];
  const known = toHealth(health, redisNow);
  return {
    spentUsd: Number(spent) / NANO,
    reservedUsd: Number(reserved) / NANO,
    requestsThisMinute: Number(requests),
    tokensThisMinute: Number(tokens),
    requestsToday: Number(today),
    ...(known === undefined ? {} : { health: known }),
  };
}

/** Redis' moments, moved onto this machine's clock. */
function toHealth(row: unknown, redisNow: number): ProviderHealth | undefined {
  if (!Array.isArray(row) || row.every((value) => value === null)) return undefined;
  const offset = Date.now() - redisNow;
  const at = (value: unknown) =>
    value === null || value === undefined ? undefined : new Date(Number(value) + offset);
  const [failures, ok, failed, until, out, back, , probed] = row;
  const moments = {
    lastSuccessAt: at(ok),
    lastFailureAt: at(failed),
    probedAt: at(probed),
    blockedUntil: at(until),
    exhaustedAt: at(out),
    exhaustedUntil: at(back),
  };
  return { consecutiveFailures: Number(failures ?? 0), ...defined(moments) };
}

/** Leaves out what is undefined. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
