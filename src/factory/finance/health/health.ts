import { DarkFactoryError } from '../../../lib/failure.ts';
import type { ProviderConfig } from '../../model/money/finance.ts';
import type { ModelFailure, ProviderHealth } from '../../ports.ts';
import { asked, RECOVERY } from '../calls/recovery.ts';
import type { FinanceDeps } from '../deps.ts';
import { type Candidate, isOut, MAX_FAILURES } from '../providers/select.ts';

/** providers.yaml is told of a provider's successes at most this often, in milliseconds. */
const STAMP_MS = 300_000;

/** Of a failure's words this much is kept with the provider. */
const KEPT_WORDS = 500;

export interface HealthBook {
  /** Reports a failure, switches the provider off where the table says so, and tells what changed. */
  failed(provider: ProviderConfig, failure: ModelFailure, projectId: string): Promise<void>;
  /**
   * Called after a success was reported: keeps providers.yaml in step. `before` is what was known before the call. A probe
   * shows that there is money again; that a provider which failed at real calls answers again only a real call shows.
   */
  succeeded(before: Candidate, projectId: string, probe: boolean): Promise<void>;
}

type HealthDeps = Pick<FinanceDeps, 'state' | 'meter' | 'record' | 'now' | 'onProblem'>;

/**
 * Live health stands in Redis, where it costs no write to disk; providers.yaml is its durable form and has the last word
 * on who is out, so that its owner can clear it there. It is written when a provider falls out or comes back, and
 * otherwise every few minutes, so that a flushed Redis forgets little.
 */
export function createHealthBook(deps: HealthDeps): HealthBook {
  const { state, meter } = deps;

  /** Health in the file is a help: a file that cannot be read or written must not undo a call that was made. */
  async function store(providerId: string, change: (provider: ProviderConfig) => ProviderConfig) {
    try {
      await state.providers().update((file) => {
        const providers = file.providers.map((each) => (each.id === providerId ? change(each) : each));
        return providers.every((each, index) => each === file.providers[index])
          ? file
          : { ...file, providers };
      });
    } catch (error) {
      if (!(error instanceof DarkFactoryError)) throw error;
      deps.onProblem(error);
    }
  }

  /** @returns whether this call wrote it: of several workers that see a provider fall out one tells */
  async function fallOut(providerId: string, health: ProviderHealth, words: string): Promise<boolean> {
    let fell = false;
    await store(providerId, (each) => {
      fell = !isOut(each);
      return fell ? { ...withHealth(each, health), lastFailure: words.slice(0, KEPT_WORDS) } : each;
    });
    return fell;
  }

  async function disable(provider: ProviderConfig, failure: ModelFailure, projectId: string): Promise<void> {
    let done = false;
    await store(provider.id, (each) => {
      // Only the key that was refused: a new one may have been set while the request was on its way.
      done = each.apiKey === provider.apiKey && each.enabled;
      return done ? { ...each, enabled: false, disabledReason: failure.message } : each;
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
      const { after } = await meter.report(provider.id, news);
      if (!isOut(after) || !(await fallOut(provider.id, after, failure.message))) return;
      const type = after.exhaustedAt === undefined ? 'provider.failing' : 'provider.exhausted';
      await deps.record({
        projectId,
        type,
        level: 'warn',
        message: describeFall(type, provider.id, failure),
        data: { provider: provider.id, kind: failure.kind },
      });
    },
    async succeeded(before, projectId, probe) {
      const { id } = before.provider;
      const now = deps.now();
      const isFresh = (each: ProviderConfig) =>
        !isOut(each) && now.getTime() - (each.lastSuccessAt?.getTime() ?? 0) < STAMP_MS;
      if (isFresh(before.provider)) return;
      let back = false;
      await store(id, (each) => {
        if (probe && each.consecutiveFailures > 0) {
          const { exhaustedAt: _was, exhaustedUntil: _until, ...rest } = each;
          return each.exhaustedAt === undefined ? each : rest;
        }
        back = isOut(each);
        return isFresh(each) ? each : withHealth(each, { consecutiveFailures: 0, lastSuccessAt: now });
      });
      if (!back) return;
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

type Fall = 'provider.exhausted' | 'provider.failing';

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
  const { lastFailureAt, exhaustedAt: _was, exhaustedUntil: _until, lastFailure: _words, ...rest } = provider;
  const { blockedUntil: _blocked, ...known } = health;
  return { ...rest, ...(lastFailureAt === undefined ? {} : { lastFailureAt }), ...known };
}
