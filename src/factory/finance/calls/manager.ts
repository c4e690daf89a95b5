import type { FinanceState, ProviderConfig, Setback } from '../../model/money/finance.ts';
import type { FinanceManager, ModelFailure, PaidCall, PaidOutcome } from '../../ports.ts';
import { createBooking } from '../books/booking.ts';
import { createFinanceStates } from '../books/finance-state.ts';
import { type FinanceDeps, priceWith } from '../deps.ts';
import { createHealthBook } from '../health/health.ts';
import { probeSchedule, wakeUps } from '../health/polling.ts';
import { createProbe } from '../health/probe.ts';
import { afterCall, afterSqueeze } from '../health/setbacks.ts';
import { createKeyRing } from '../providers/keys.ts';
import { createLiveProviders, loadCandidates } from '../providers/live-providers.ts';
import { answeredBefore, type Candidate, isOnTrial, selectProvider } from '../providers/select.ts';
import { tierOf } from '../routing/tiers.ts';
import { type AttemptDeps, type AttemptResult, createAttempt } from './attempt.ts';
import { choose, refusalOf, usable, whyAdopted } from './choice.ts';
import { createCourses } from './course.ts';
import { estimateInput, LEAST_CALL } from './estimate.ts';
import { lostRows, opensAt, orWait, outsideHours } from './guards.ts';
import { requireProvider } from './nobody.ts';
import { conclude, refusalsOf } from './outcome.ts';
import { pauseBefore, RECOVERY } from './recovery.ts';
import { plainConversation } from './repair.ts';
import { tellRetry } from './request-events.ts';
import { usableFor } from './scope.ts';
import { asCached, shutOut, type Trial, trialTurn } from './trial.ts';

/** A shorter wait (milliseconds) for the project's own provider is no reason to leave it. */
const LOYALTY_MS = 5_000;

/**
 * The finance manager: the one place from which a model is called.
 *
 * `complete` never throws for what a provider did; it throws what the caller's notes throw, `environment` errors of state
 * and Redis, and `environment`/`ledger_unreadable`.
 */
export function createFinanceManager(deps: FinanceDeps): FinanceManager {
  const states = createFinanceStates(deps);
  const booking = createBooking(deps, states);
  const health = createHealthBook(deps);
  const attempts: AttemptDeps = { finance: deps, booking, health, keys: createKeyRing(deps) };
  const attempt = createAttempt(attempts);
  const probe = createProbe(deps, attempt);
  const live = createLiveProviders(deps);
  const courses = createCourses(deps);

  async function complete(call: PaidCall): Promise<PaidOutcome> {
    const trial: Trial = {
      request: call.request,
      inputTokens: estimateInput(call.request, deps.estimateTokens),
      course: await courses(call),
      excluded: new Set(),
      met: new Map(),
      refusals: [],
      waitedMs: 0,
    };
    const before = await deps.state.finance(call.projectId).get();
    const lost = await lostRows(deps, call.projectId, before);
    if (lost !== null) return lost;
    for (const refusal of refusalsOf(before.setbacks, deps.now())) shutOut(trial, refusal);
    // Every round either ends the call, shuts out a provider or counts one of its few failures.
    for (let how: 'glance' | 'look' = 'glance'; ; how = 'look') {
      if (call.signal.aborted) return { kind: 'aborted' };
      const candidates = outsideHours(deps) ?? (await orWait(deps, live[how]()));
      if ('kind' in candidates) return candidates;
      const finance = await deps.state.finance(call.projectId).get();
      const permitted = trial.course.permitted(candidates);
      const chosen = choose(call, trial, { candidates, permitted }, finance, deps.now());
      if (chosen === null) {
        const refusal = permitted.length === 0 ? trial.course.refusal(candidates) : null;
        if (how === 'glance' && refusal === null) continue;
        const outcome =
          refusal === null
            ? await ended(call, trial, permitted)
            : { kind: 'not_permitted' as const, detail: refusal };
        if (await trial.course.moveOn(outcome)) continue;
        if (outcome.kind === 'no_provider') await states.polling(call.projectId, true);
        return outcome;
      }
      const turn = await trialTurn(deps, chosen);
      if (turn !== null) {
        shutOut(trial, turn);
        continue;
      }
      const result = await attempt({
        call: asCached(call, trial, finance, chosen),
        request: trial.request,
        route: trial.course.routeTo(chosen.provider.id),
        inputTokens: trial.inputTokens,
        candidate: chosen,
        budget: await deps.budgetOf(call.projectId),
      });
      const outcome = await next(call, trial, finance, chosen, permitted, result);
      if (outcome !== null) return outcome;
    }
  }

  /** What follows from one attempt: an outcome, or `null` for another round. */
  async function next(
    call: PaidCall,
    trial: Trial,
    finance: FinanceState,
    chosen: Candidate,
    candidates: readonly Candidate[],
    result: AttemptResult,
  ): Promise<PaidOutcome | null> {
    const { provider } = chosen;
    if (result.kind === 'reply') {
      await adopt(call, trial, finance, chosen, candidates);
      const { reply, cost, requestId } = result;
      return { kind: 'reply', reply, provider, cost, requestId };
    }
    if (result.kind === 'refused') {
      shutOut(trial, result.refusal);
      const { until } = result.refusal;
      const loyal = provider.id === finance.currentProviderId && result.refusal.because === 'wait';
      const short = until !== undefined && until.getTime() - deps.now().getTime() <= LOYALTY_MS;
      return loyal && short ? ended(call, trial, []) : null;
    }
    return afterFailure(call, trial, chosen, result);
  }

  async function afterFailure(
    call: PaidCall,
    trial: Trial,
    chosen: Candidate,
    { failure, cost }: { failure: ModelFailure; cost: number },
  ): Promise<PaidOutcome | null> {
    const { id } = chosen.provider;
    const recovery = RECOVERY[failure.kind];
    if (!recovery.others || call.signal.aborted) return { kind: 'aborted' };
    const old = trial.met.get(id);
    const failures = (old?.failures ?? 0) + 1;
    trial.met.set(id, {
      ...{ provider: id, failure, failures, cost: (old?.cost ?? 0) + cost },
      ...answeredBefore(chosen),
    });
    // Who is only tried fails once: its next chance comes with the next probe.
    const pause = isOnTrial(chosen)
      ? null
      : pauseBefore(failure, failures, trial.waitedMs, deps.chance(), deps.now());
    if (pause === null) {
      shutOut(trial, refusalOf(id, failure));
      return null;
    }
    if (recovery.repair) {
      trial.request = { ...trial.request, messages: plainConversation(trial.request.messages) };
    }
    trial.waitedMs += pause;
    await tellRetry(deps, call, id, failures, pause);
    await deps.sleep(pause, call.signal);
    return null;
  }

  async function ended(call: PaidCall, trial: Trial, candidates: readonly Candidate[]): Promise<PaidOutcome> {
    const now = deps.now();
    const met = [...trial.met.values()];
    const note = (before: readonly Setback[]) =>
      met.length === 0 ? before : afterCall(before, met, undefined, now);
    const setbacks = await states.setbacks(call.projectId, note, met);
    const { pollingInterval } = deps.config;
    const leastUsd = (provider: ProviderConfig) => priceWith(deps.priceOf)(provider, LEAST_CALL);
    return conclude({ refusals: trial.refusals, candidates, setbacks, now, pollingInterval, leastUsd });
  }

  /** Notes what the call has met, the provider that answered as the project's own, and why the last one was left. */
  async function adopt(
    call: PaidCall,
    trial: Trial,
    finance: FinanceState,
    chosen: Candidate,
    candidates: readonly Candidate[],
  ): Promise<void> {
    const { id } = chosen.provider;
    const over = finance.setbacks.some(({ provider }) => provider === id);
    const met = [...trial.met.values()];
    if (over || met.length > 0) {
      await states.setbacks(call.projectId, (before) => afterCall(before, met, id, deps.now()), met);
    }
    trial.course.arrived();
    const { tier } = trial.course.routeTo(id);
    const same = finance.currentProviderId === id && finance.currentTier === tier;
    if (trial.course.aside || same) {
      if (finance.pollingMode) await states.polling(call.projectId, false);
      return;
    }
    await states.using(call.projectId, id, whyAdopted(trial.refusals, finance, chosen, candidates), tier);
  }

  return {
    complete,
    bookLost: booking.lost,
    bookReply: booking.reply,
    probeProvider: (...asked) => probe(...asked).finally(live.forget),
    async squeezed(projectId) {
      await states.setbacks(projectId, afterSqueeze);
    },
    async noteProbe(projectIds) {
      for (const id of projectIds) {
        await deps.state.finance(id).update((current) => ({ ...current, lastProbeAt: deps.now() }));
      }
    },
    async author(projectId) {
      const { currentProviderId } = await deps.state.finance(projectId).get();
      if (currentProviderId !== undefined) return currentProviderId;
      const best = selectProvider(await usableFor(deps, projectId, await usable(deps)), 0, deps.now());
      if (best === null) return null;
      const tier = tierOf(deps.config.tiers, best.provider.id);
      await states.using(projectId, best.provider.id, 'manual', tier);
      return best.provider.id;
    },
    requireProvider: () => requireProvider(deps),
    probeSchedule: async () =>
      probeSchedule(await loadCandidates(deps), deps.config.pollingInterval, deps.now(), opensAt(deps)),
    async wakeUps(waiting) {
      if (waiting.length === 0) return [];
      const ready = await usable(deps);
      const asked = await Promise.all(
        waiting.map(async (each) => ({ ...each, ready: await usableFor(deps, each.projectId, ready) })),
      );
      return wakeUps(asked, deps.now());
    },
    expiredReservations: () => deps.meter.expired(),
    close: () => states.flush(),
  };
}
