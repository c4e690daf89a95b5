import { createHash } from 'node:crypto';
import { DarkFactoryError } from '../../../lib/failure.ts';
import type { RequestRoute } from '../../model/journal.ts';
import type { ProviderConfig, Usage } from '../../model/money/finance.ts';
import type {
  ModelAdapter,
  ModelFailure,
  ModelReply,
  ModelRequest,
  PaidCall,
  PaidRequest,
} from '../../ports.ts';
import type { Booked, Booking } from '../books/booking.ts';
import { type FinanceDeps, priceWith } from '../deps.ts';
import type { HealthBook } from '../health/health.ts';
import type { KeyRing } from '../providers/keys.ts';
import type { Candidate } from '../providers/select.ts';
import { cacheTimeFor, withLongWrites } from './cache-time.ts';
import { affordableOutput, believed, LEAST_CALL, quote, withCharge } from './estimate.ts';
import { GRACE_MS, gaveUp, haltedBy, refused, refusedToAnswer, unquoted, unusable } from './no-attempt.ts';
import type { Refusal } from './outcome.ts';
import { capsOf, moreOutput, outputFor } from './output.ts';
import { tellFailed } from './request-events.ts';

/** One request to one provider. */
export interface Attempt {
  call: Omit<PaidCall, 'request' | 'avoidProvider' | 'escalatedTo' | 'held'>;
  request: PaidRequest;
  /** Missing: a probe's. */
  route?: RequestRoute;
  inputTokens: number;
  candidate: Candidate;
  /** The project's cap in USD. */
  budget: number | undefined;
}

export type AttemptResult =
  | { kind: 'reply'; reply: ModelReply; cost: number; requestId: string }
  | { kind: 'refused'; refusal: Refusal }
  /** `cost`: USD booked for it, known or possible. */
  | { kind: 'failed'; failure: ModelFailure; cost: number };

export interface AttemptDeps {
  finance: FinanceDeps;
  booking: Booking;
  health: HealthBook;
  keys: KeyRing;
}

/**
 * Reserve, note, send, note, book, settle. Nothing is sent without a reservation and the caller's durable note of it;
 * nothing that was sent is forgotten, whatever happens afterwards.
 *
 * Throws what the caller's notes throw (a lost lease), after the money is booked.
 */
export function createAttempt(deps: AttemptDeps): (attempt: Attempt) => Promise<AttemptResult> {
  const { finance } = deps;
  const priceOf = priceWith(finance.priceOf);

  async function reserve(attempt: Attempt, requestId: string, cacheFor: ModelRequest['cacheFor']) {
    const { candidate, inputTokens, request, call, budget } = attempt;
    const dearest = cacheFor === '1h' ? withLongWrites(priceOf) : priceOf;
    const { provider } = candidate;
    const facts = finance.factsOf(provider);
    const caps = capsOf(provider, finance.config.agent.maxOutputTokens);
    // What is only assumed of the window must not keep a conversation from a provider that would take it.
    const window = facts.assumed.includes('contextTokens') ? null : facts.contextTokens;
    const known = { ...provider, contextTokens: window ?? undefined };
    const quoted = quote(known, inputTokens, outputFor(facts, request, caps), dearest);
    if ('problem' in quoted) return { refusal: unquoted(provider.id, provider.model, quoted) };
    const { perDay, perHour } = finance.config.budgets;
    const answer = await finance.meter.reserve({
      reservationId: requestId,
      provider,
      projectId: call.projectId,
      ...(budget === undefined ? {} : { projectBudget: budget }),
      ...(perDay === undefined ? {} : { budgetPerDay: perDay }),
      ...(perHour === undefined ? {} : { budgetPerHour: perHour }),
      usd: quoted.usd,
      minimumUsd: quoted.minimumUsd,
      tokens: quoted.tokens,
      ttlMs: finance.config.agent.modelTimeout + GRACE_MS,
    });
    if (!answer.granted) {
      const least = { usd: quoted.minimumUsd, smallest: priceOf(provider, LEAST_CALL) };
      return { refusal: refused(provider.id, answer, least, { perDay, perHour }) };
    }
    const maxOutputTokens = affordableOutput(provider, inputTokens, quoted, answer.usd, dearest);
    // What the money does not pay for now it does not pay for in a second try.
    const left = { window: (window ?? Number.POSITIVE_INFINITY) - inputTokens, most: caps.most };
    const more =
      maxOutputTokens < quoted.maxOutputTokens ? undefined : moreOutput(facts, maxOutputTokens, left);
    return { usd: answer.heldUsd, maxOutputTokens, more };
  }

  return async (attempt) => {
    const halt = finance.halted?.() ?? null;
    if (halt !== null) return { kind: 'failed', failure: haltedBy(halt), cost: 0 };
    const { call, candidate, request } = attempt;
    const { provider } = candidate;
    const key = await deps.keys.open(provider, call.projectId);
    if ('problem' in key) return { kind: 'refused', refusal: unusable(provider.id, key.problem, 'key') };
    const adapter = await adapterFor(provider, key.value);
    if ('problem' in adapter) return { kind: 'refused', refusal: unusable(provider.id, adapter.problem) };
    const requestId = finance.newId();
    let cacheFor = cacheTimeFor(provider, call.cache, priceOf);
    let reserved = await reserve(attempt, requestId, cacheFor);
    if (reserved.refusal !== undefined && cacheFor === '1h') {
      // No call is left out for the sake of a cache.
      cacheFor = '5m';
      reserved = await reserve(attempt, requestId, cacheFor);
    }
    if (reserved.refusal !== undefined) return { kind: 'refused', refusal: reserved.refusal };
    const { model } = provider;
    const { operation, signal } = call;
    await orRelease(
      requestId,
      call.opened({
        requestId,
        provider: provider.id,
        model,
        operation,
        reserved: reserved.usd,
        ...attempt.route,
      }),
    );
    const { modelIdleTimeout: idleTimeoutMs, modelTimeout: timeoutMs } = finance.config.agent;
    const booked: Booked = { requestId, provider, call, tier: attempt.route?.tier, sentAt: finance.now() };
    const cacheKey = cacheKeyOf(call.projectId, call.persona ?? operation);
    const { thoughtTokens: _, ...asked } = request;
    const sent = { ...asked, model, maxOutputTokens: reserved.maxOutputTokens, cacheKey, cacheFor };
    const told = await adapter
      .complete(sent, { signal, idleTimeoutMs, timeoutMs })
      .catch(async (surprise: unknown) => {
        // An adapter that throws is a bug; the request may be on the vendor's bill all the same.
        await deps.booking.perhaps(booked, reserved.usd, attempt.budget);
        throw surprise;
      });
    const answer = believed(told, attempt.inputTokens, reserved.maxOutputTokens);
    // A probe has its answer all the same.
    const refuses = answer.ok && answer.stop === 'refusal' && !isProbe(booked);
    const isCut = signal.aborted || (finance.halted?.() ?? null) !== null;
    const givesUp = !answer.ok && answer.kind === 'aborted' && !isCut;
    const outcome = refuses ? refusedToAnswer(answer) : givesUp ? gaveUp(answer) : answer;
    return outcome.ok
      ? replied(attempt, booked, outcome, reserved)
      : failed(attempt, booked, outcome, reserved.usd);
  };

  /** Gives the reservation back when the request could not be noted and so must not be sent. */
  async function orRelease(requestId: string, noted: Promise<void>): Promise<void> {
    try {
      await noted;
    } catch (error) {
      await finance.meter.release(requestId);
      throw error;
    }
  }

  async function adapterFor(
    provider: ProviderConfig,
    key: string,
  ): Promise<ModelAdapter | { problem: string }> {
    try {
      return await finance.models.adapterFor(provider, key);
    } catch (error) {
      if (error instanceof DarkFactoryError) return { problem: `${error.message}. ${error.hint}` };
      throw error;
    }
  }

  async function replied(
    attempt: Attempt,
    booked: Booked,
    reply: ModelReply,
    reserved: { usd: number; maxOutputTokens: number; more: number | undefined },
  ): Promise<AttemptResult> {
    const { requestId, provider } = booked;
    const cost = costOf(booked, reply, reserved.usd);
    const { message, usage, stop } = reply;
    // Side by side, for each waits for the disk: the row that a crash leaves unwritten is booked from the journal, and one
    // without its reply counts once with what is booked for the lost request, under the same id. Both are waited for, also by
    // a worker that was overtaken: what it does counts no more, what it cost does.
    const ends = await Promise.allSettled([
      attempt.call.replied({
        requestId,
        provider: provider.id,
        model: provider.model,
        message,
        usage,
        cost,
        stop,
        limit: reserved.maxOutputTokens,
        ...(stop === 'max_tokens' && reserved.more !== undefined ? { more: reserved.more } : {}),
      }),
      deps.booking.billed(booked, usage, cost, attempt.budget, isProbe(booked) ? 'probe' : 'call'),
    ]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await deps.health.succeeded(attempt.candidate, attempt.call.projectId, isProbe(booked));
    return { kind: 'reply', reply, cost, requestId };
  }

  async function failed(
    attempt: Attempt,
    booked: Booked,
    failure: ModelFailure,
    reserved: number,
  ): Promise<AttemptResult> {
    const { requestId, provider, call } = booked;
    // Booked before it is noted: a crash in between books the worst case again under the same id, which counts once.
    let cost = failure.perhapsBilled ? reserved : 0;
    if (failure.usage !== undefined) {
      cost = costOf(booked, { ...failure, usage: failure.usage }, reserved);
      await deps.booking.billed(booked, failure.usage, cost, attempt.budget);
    } else if (failure.perhapsBilled) {
      await deps.booking.perhaps(booked, reserved, attempt.budget);
    } else {
      await finance.meter.release(requestId);
    }
    await deps.health.failed(provider, failure, call.projectId);
    await attempt.call.failed({ requestId, kind: failure.kind, detail: failure.message });
    if (failure.kind !== 'aborted') await tellFailed(finance, call, provider, requestId, failure);
    return { kind: 'failed', failure, cost };
  }

  /** A price that was known before the call and is not any more: the worst case takes its place. */
  function costOf(
    { provider }: Booked,
    { usage, charged }: { usage: Usage; charged?: number },
    reserved: number,
  ): number {
    return withCharge(priceOf(provider, usage) ?? reserved, charged, usage);
  }
}

/** Calls of one persona of one project begin with the same words. Hashed: it is short everywhere, and tells a vendor no names. */
function cacheKeyOf(projectId: string, who: string): string {
  return `df-${createHash('sha256').update(`${projectId}\n${who}`).digest('hex').slice(0, 32)}`;
}

const isProbe = ({ call }: Booked) => call.operation === 'noop_probe';
