import type { ModelFailure, ProviderHealth } from '../ports.ts';
import type { FinanceDeps } from './desk.ts';
import type { ProviderConfig } from './finance.ts';
import { asked, RECOVERY } from './recovery.ts';
import { type Candidate, MAX_FAILURES } from './select.ts';

/** providers.yaml is told of a provider's successes at most this often, in milliseconds. */
const STAMP_MS = 300_000;

export interface HealthBook {
  /** Reports a failure, switches the provider off where the table says so, and tells what changed. */
  failed(provider: ProviderConfig, failure: ModelFailure, projectId: string): Promise<void>;
  /** Called after a success was reported: keeps providers.yaml in step. `before` is what was known before the call. */
  succeeded(before: Candidate, projectId: string): Promise<void>;
}

type HealthDeps = Pick<FinanceDeps, 'state' | 'meter' | 'record' | 'now'>;

/**
 * Live health stands in Redis, where it costs no write to disk; providers.yaml is its durable form. That is written when
 * a provider falls out or comes back, and otherwise every few minutes, so that a flushed Redis forgets little.
 */
export function createHealthBook(deps: HealthDeps): HealthBook {
  const { state, meter } = deps;

  async function store(providerId: string, change: (provider: ProviderConfig) => ProviderConfig) {
    await state.providers().update((file) => {
      const providers = file.providers.map((each) => (each.id === providerId ? change(each) : each));
      return providers.every((each, index) => each === file.providers[index]) ? file : { ...file, providers };
    });
  }

  async function disable(provider: ProviderConfig, failure: ModelFailure, projectId: string): Promise<void> {
    let done = false;
    await state.providers().update((file) => {
      done = false;
      const providers = file.providers.map((each) => {
        // Only the key that was refused: a new one may have been set while the request was on its way.
        if (each.id !== provider.id || each.apiKey !== provider.apiKey || !each.enabled) return each;
        done = true;
        return { ...each, enabled: false, disabledReason: failure.message };
      });
      return done ? { ...file, providers } : file;
    });
    if (!done) return;
    await deps.record({
      projectId,
      type: 'provider.disabled',
      level: 'error',
      message: `Provider ${provider.id} refuses its API key and is switched off: ${failure.message} Set another with df provider set-key ${provider.id}.`,
      data: { provider: provider.id },
    });
  }

  return {
    async failed(provider, failure, projectId) {
      const { report, disable: off } = RECOVERY[failure.kind];
      if (off) await disable(provider, failure, projectId);
      if (report === 'nothing') return;
      const wait = report === 'money' ? moneyWait(failure, deps.now()) : asked(failure, deps.now());
      const waiting = wait === undefined ? {} : { waitMs: wait };
      const news = report === 'failure' ? { kind: report } : { kind: report, ...waiting };
      const { before, after } = await meter.report(provider.id, news);
      const change = fall(before, after);
      if (change === null) return;
      await store(provider.id, (each) => withHealth(each, after));
      await deps.record({
        projectId,
        type: change,
        level: 'warn',
        message: describeFall(change, provider.id, failure),
        data: { provider: provider.id, kind: failure.kind },
      });
    },
    async succeeded(before, projectId) {
      const { id } = before.provider;
      const now = deps.now();
      const stamped = before.provider.lastSuccessAt?.getTime() ?? 0;
      if (isOut(before.provider) || now.getTime() - stamped >= STAMP_MS) {
        await store(id, (each) => withHealth(each, { consecutiveFailures: 0, lastSuccessAt: now }));
      }
      if (!isOut(before.current)) return;
      await deps.record({
        projectId,
        type: 'provider.recovered',
        level: 'info',
        message: `Provider ${id} answers again.`,
        data: { provider: id },
      });
    },
  };
}

function isOut(health: { consecutiveFailures: number; exhaustedAt?: Date | undefined }): boolean {
  return health.consecutiveFailures >= MAX_FAILURES || health.exhaustedAt !== undefined;
}

type Fall = 'provider.exhausted' | 'provider.failing';

/** What this one report changed; `null` when the provider was out before, or is not out yet. */
function fall(before: ProviderHealth, after: ProviderHealth): Fall | null {
  if (isOut(before) || !isOut(after)) return null;
  return after.exhaustedAt === undefined ? 'provider.failing' : 'provider.exhausted';
}

function describeFall(change: Fall, id: string, failure: ModelFailure): string {
  return change === 'provider.exhausted'
    ? `Provider ${id} is out of money: ${failure.message}`
    : `Provider ${id} failed ${MAX_FAILURES} times in a row and is left alone until a probe succeeds: ${failure.message}`;
}

/** Milliseconds until the money comes back, where the provider named a moment. */
function moneyWait({ resetAt, retryAfterMs }: ModelFailure, now: Date): number | undefined {
  const wait = resetAt === undefined ? retryAfterMs : resetAt.getTime() - now.getTime();
  return wait === undefined || !Number.isFinite(wait) ? undefined : Math.max(0, wait);
}

function withHealth(provider: ProviderConfig, health: ProviderHealth): ProviderConfig {
  const { lastFailureAt, exhaustedAt: _was, exhaustedUntil: _until, ...rest } = provider;
  const { blockedUntil: _blocked, ...known } = health;
  return { ...rest, ...(lastFailureAt === undefined ? {} : { lastFailureAt }), ...known };
}
