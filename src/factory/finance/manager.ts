import { DarkFactoryError } from '../../lib/failure.ts';
import { capOf } from '../decisions/cap.ts';
import type { FinanceManager, ModelFailure, ModelRequest, PaidCall, PaidOutcome } from '../ports.ts';
import { type AttemptDeps, type AttemptResult, createAttempt } from './attempt.ts';
import { createBooking } from './booking.ts';
import { createMarket, type FinanceDeps, loadCandidates, priceWith } from './desk.ts';
import { estimateInput } from './estimate.ts';
import type { FinanceState, SwitchReason } from './finance.ts';
import { createFinanceStates, type FinanceStates } from './finance-state.ts';
import { createHealthBook } from './health.ts';
import { createKeyRing } from './keys.ts';
import { conclude, type Refusal, reasonOf, refusalOf } from './outcome.ts';
import { probeSchedule, wakeUps } from './polling.ts';
import { createProbe } from './probe.ts';
import { pauseBefore, RECOVERY } from './recovery.ts';
import { plainConversation } from './repair.ts';
import { tellRetry } from './request-events.ts';
import { notPermitted, permits, purposeOf, usableFor } from './scope.ts';
import { type Candidate, chooseProvider, isReady, selectProvider } from './select.ts';

/** A wait for the project's own provider that is shorter than this (milliseconds) is no reason to leave it. */
const LOYALTY_MS = 5_000;
/** When providers.yaml cannot be read, look again after this many milliseconds. */
const UNREADABLE_MS = 60_000;

/** What one call has met so far. */
interface Trial {
  request: Omit<ModelRequest, 'model'>;
  inputTokens: number;
  excluded: Set<string>;
  failures: Map<string, number>;
  refusals: Refusal[];
  waitedMs: number;
}

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
  const attempts: AttemptDeps = { desk: deps, booking, health, keys: createKeyRing(deps) };
  const attempt = createAttempt(attempts);
  const probe = createProbe(deps, attempt);
  const market = createMarket(deps);

  async function complete(call: PaidCall): Promise<PaidOutcome> {
    const trial: Trial = {
      request: call.request,
      inputTokens: estimateInput(call.request, deps.estimateTokens),
      excluded: new Set(),
      failures: new Map(),
      refusals: [],
      waitedMs: 0,
    };
    // Every round either ends the call, shuts out a provider or counts one of its few failures.
    for (let how: 'glance' | 'look' = 'glance'; ; how = 'look') {
      if (call.signal.aborted) return { kind: 'aborted' };
      const candidates = await orWait(deps, market(how));
      if ('kind' in candidates) return candidates;
      const finance = await deps.state.finance(call.projectId).get();
      const purpose = await purposeOf(deps.state, call.projectId, call.persona);
      const permitted = candidates.filter(({ provider }) => purpose === null || permits(provider, purpose));
      if (purpose !== null && permitted.length === 0 && candidates.length > 0) {
        const providers = candidates.map(({ provider }) => provider);
        return { kind: 'not_permitted', detail: notPermitted(providers, purpose) };
      }
      const chosen = choose(call, trial, candidates, permitted, finance, deps.now());
      if (chosen === null) {
        if (how === 'glance') continue;
        return ended(call, trial, permitted);
      }
      const result = await attempt({
        call,
        request: trial.request,
        inputTokens: trial.inputTokens,
        candidate: chosen,
        budget: await capOf(deps.state, call.projectId, deps.now()),
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
      await adopt(states, call, trial, finance, chosen, candidates);
      const { reply, cost, requestId } = result;
      return { kind: 'reply', reply, provider, cost, requestId };
    }
    if (result.kind === 'refused') {
      shutOut(trial, result.refusal);
      const { until } = result.refusal;
      const loyal = provider.id === finance.currentProviderId && result.refusal.because === 'wait';
      const short = until !== undefined && until.getTime() - deps.now().getTime() <= LOYALTY_MS;
      return loyal && short ? conclude([result.refusal], [], deps.now(), deps.config.pollingInterval) : null;
    }
    return afterFailure(call, trial, provider.id, result.failure);
  }

  async function afterFailure(
    call: PaidCall,
    trial: Trial,
    providerId: string,
    failure: ModelFailure,
  ): Promise<PaidOutcome | null> {
    const recovery = RECOVERY[failure.kind];
    if (!recovery.others || call.signal.aborted) return { kind: 'aborted' };
    const count = (trial.failures.get(providerId) ?? 0) + 1;
    trial.failures.set(providerId, count);
    const pause = pauseBefore(failure, count, trial.waitedMs, deps.chance(), deps.now());
    if (pause === null) {
      shutOut(trial, refusalOf(providerId, failure));
      return null;
    }
    if (recovery.repair) {
      trial.request = { ...trial.request, messages: plainConversation(trial.request.messages) };
    }
    trial.waitedMs += pause;
    await tellRetry(deps, call, providerId, count, pause);
    await deps.sleep(pause, call.signal);
    return null;
  }

  async function ended(call: PaidCall, trial: Trial, candidates: readonly Candidate[]): Promise<PaidOutcome> {
    const outcome = conclude(trial.refusals, candidates, deps.now(), deps.config.pollingInterval);
    if (outcome.kind === 'no_credits') await states.polling(call.projectId, true);
    return outcome;
  }

  return {
    complete,
    bookLost: booking.lost,
    bookReply: booking.reply,
    probeProvider: probe,
    async author(projectId) {
      const { currentProviderId } = await deps.state.finance(projectId).get();
      if (currentProviderId !== undefined) return currentProviderId;
      const best = selectProvider(await usableFor(deps, projectId, await usable(deps)), 0, deps.now());
      if (best === null) return null;
      await states.using(projectId, best.provider.id, 'manual');
      return best.provider.id;
    },
    anyViable: async () => (await usable(deps)).length > 0,
    probeSchedule: async () =>
      probeSchedule(await loadCandidates(deps), deps.config.pollingInterval, deps.now()),
    async wakeUps(waiting) {
      if (waiting.length === 0) return [];
      const ready = await usable(deps);
      const asked = await Promise.all(
        waiting.map(async (each) => ({ ...each, ready: await usableFor(deps, each.projectId, ready) })),
      );
      return wakeUps(asked, deps.now());
    },
    close: () => states.flush(),
  };
}

/** Providers that could take a call now. */
async function usable(deps: FinanceDeps): Promise<Candidate[]> {
  const now = deps.now();
  const priceOf = priceWith(deps.priceOf);
  const sample = { input: 1, cacheWrite: 0, cacheRead: 0, output: 1 };
  const candidates = await loadCandidates(deps);
  return candidates.filter((each) => isReady(each, now) && priceOf(each.provider, sample) !== null);
}

function choose(
  call: PaidCall,
  trial: Trial,
  candidates: readonly Candidate[],
  permitted: readonly Candidate[],
  finance: FinanceState,
  now: Date,
): Candidate | null {
  const switchedAt = finance.providerSwitches.at(-1)?.timestamp;
  const others = candidates.filter((each) => !permitted.includes(each)).map(({ provider }) => provider.id);
  return chooseProvider({
    candidates,
    requiredTokens: trial.inputTokens + trial.request.maxOutputTokens,
    now,
    exclude: new Set([...trial.excluded, ...others]),
    ...(finance.currentProviderId === undefined ? {} : { currentId: finance.currentProviderId }),
    ...(switchedAt === undefined ? {} : { switchedAt }),
    ...(call.avoidProvider === undefined ? {} : { avoidProvider: call.avoidProvider }),
  });
}

/** Notes the provider that answered as the project's own, and why the last one was left. Not for a judge of its work. */
async function adopt(
  states: FinanceStates,
  call: PaidCall,
  trial: Trial,
  finance: FinanceState,
  chosen: Candidate,
  candidates: readonly Candidate[],
): Promise<void> {
  if (call.avoidProvider !== undefined || finance.currentProviderId === chosen.provider.id) {
    if (finance.pollingMode) await states.polling(call.projectId, false);
    return;
  }
  const left = finance.currentProviderId;
  const refusal = trial.refusals.find(({ providerId }) => providerId === left);
  const before = candidates.find(({ provider }) => provider.id === left);
  const reason = refusal?.reason ?? reasonFrom(finance, chosen, before);
  await states.using(call.projectId, chosen.provider.id, reason);
}

/** A provider that was left without being tried: out already, or the project goes back to a better one. */
function reasonFrom(finance: FinanceState, chosen: Candidate, left: Candidate | undefined): SwitchReason {
  if (left === undefined) return 'manual';
  const back = finance.providerSwitches.findLast(({ fromProvider }) => fromProvider === chosen.provider.id);
  return back !== undefined && chosen.provider.priority < left.provider.priority
    ? back.reason
    : reasonOf(left);
}

function shutOut(trial: Trial, refusal: Refusal): void {
  trial.excluded.add(refusal.providerId);
  trial.refusals.push(refusal);
}

/** Somebody's slip of the pen in providers.yaml must not end a project: it waits until the file can be read again. */
async function orWait<T>(
  deps: FinanceDeps,
  read: Promise<T>,
): Promise<T | Extract<PaidOutcome, { kind: 'wait' }>> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof DarkFactoryError) || error.code !== 'state_unreadable') throw error;
    const until = new Date(deps.now().getTime() + UNREADABLE_MS);
    return { kind: 'wait', for: 'provider', until, detail: `${error.message}. ${error.hint}` };
  }
}
