import { DarkFactoryError } from '../../lib/failure.ts';
import type {
  Halt,
  MeterAnswer,
  ModelAdapter,
  ModelFailure,
  ModelReply,
  ModelRequest,
  PaidCall,
} from '../ports.ts';
import type { Booked, Booking } from './booking.ts';
import { type FinanceDeps, priceWith } from './desk.ts';
import { affordableOutput, quote } from './estimate.ts';
import type { ProviderConfig, Usage } from './finance.ts';
import type { HealthBook } from './health.ts';
import type { KeyRing } from './keys.ts';
import type { Refusal } from './outcome.ts';
import { tellFailed } from './request-events.ts';
import type { Candidate } from './select.ts';

/** A reservation outlives the longest call by this, in milliseconds. */
export const GRACE_MS = 60_000;

/** One request to one provider. */
export interface Attempt {
  call: Omit<PaidCall, 'request' | 'avoidProvider'>;
  request: Omit<ModelRequest, 'model'>;
  inputTokens: number;
  candidate: Candidate;
  /** The project's cap in USD. */
  budget: number | undefined;
}

export type AttemptResult =
  | { kind: 'reply'; reply: ModelReply; cost: number; requestId: string }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'failed'; failure: ModelFailure };

export interface AttemptDeps {
  desk: FinanceDeps;
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
  const { desk } = deps;
  const priceOf = priceWith(desk.priceOf);

  async function reserve(attempt: Attempt, requestId: string) {
    const { candidate, inputTokens, request, call, budget } = attempt;
    const { provider } = candidate;
    const quoted = quote(provider, inputTokens, request.maxOutputTokens, priceOf);
    if ('problem' in quoted) return { refusal: unquoted(provider.id, provider.model, quoted) };
    const { perDay, perHour } = desk.config.budgets;
    const answer = await desk.meter.reserve({
      reservationId: requestId,
      provider,
      projectId: call.projectId,
      ...(budget === undefined ? {} : { projectBudget: budget }),
      ...(perDay === undefined ? {} : { budgetPerDay: perDay }),
      ...(perHour === undefined ? {} : { budgetPerHour: perHour }),
      usd: quoted.usd,
      minimumUsd: quoted.minimumUsd,
      tokens: quoted.tokens,
      ttlMs: desk.config.agent.modelTimeout + GRACE_MS,
    });
    if (!answer.granted) return { refusal: refused(provider.id, answer) };
    const maxOutputTokens = affordableOutput(provider, inputTokens, quoted, answer.usd, priceOf);
    return { usd: answer.heldUsd, maxOutputTokens };
  }

  return async (attempt) => {
    const halt = desk.halted?.() ?? null;
    if (halt !== null) return { kind: 'failed', failure: haltedBy(halt) };
    const { call, candidate, request } = attempt;
    const { provider } = candidate;
    const key = await deps.keys.open(provider, call.projectId);
    if ('problem' in key) return { kind: 'refused', refusal: unusable(provider.id, key.problem) };
    const adapter = await adapterFor(provider, key.value);
    if ('problem' in adapter) return { kind: 'refused', refusal: unusable(provider.id, adapter.problem) };
    const requestId = desk.newId();
    const reserved = await reserve(attempt, requestId);
    if (reserved.refusal !== undefined) return { kind: 'refused', refusal: reserved.refusal };
    const { model } = provider;
    const { operation, signal } = call;
    await orRelease(
      requestId,
      call.opened({ requestId, provider: provider.id, model, operation, reserved: reserved.usd }),
    );
    const { modelIdleTimeout: idleTimeoutMs, modelTimeout: timeoutMs } = desk.config.agent;
    const booked: Booked = { requestId, provider, call, sentAt: desk.now() };
    const sent = { ...request, model, maxOutputTokens: reserved.maxOutputTokens };
    const answer = await adapter
      .complete(sent, { signal, idleTimeoutMs, timeoutMs })
      .catch(async (surprise: unknown) => {
        // An adapter that throws is a bug; the request may be on the vendor's bill all the same.
        await deps.booking.perhaps(booked, reserved.usd, attempt.budget);
        throw surprise;
      });
    return answer.ok
      ? replied(attempt, booked, answer, reserved.usd)
      : failed(attempt, booked, answer, reserved.usd);
  };

  /** Gives the reservation back when the request could not be noted and so must not be sent. */
  async function orRelease(requestId: string, noted: Promise<void>): Promise<void> {
    try {
      await noted;
    } catch (error) {
      await desk.meter.release(requestId);
      throw error;
    }
  }

  async function adapterFor(
    provider: ProviderConfig,
    key: string,
  ): Promise<ModelAdapter | { problem: string }> {
    try {
      return await desk.models.adapterFor(provider, key);
    } catch (error) {
      if (error instanceof DarkFactoryError) return { problem: `${error.message}. ${error.hint}` };
      throw error;
    }
  }

  async function replied(
    attempt: Attempt,
    booked: Booked,
    reply: ModelReply,
    reserved: number,
  ): Promise<AttemptResult> {
    const { requestId, provider } = booked;
    const cost = costOf(booked, reply.usage, reserved);
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
      }),
      deps.booking.billed(booked, usage, cost, attempt.budget, true),
    ]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    await deps.health.succeeded(attempt.candidate, attempt.call.projectId);
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
    if (failure.usage !== undefined) {
      const cost = costOf(booked, failure.usage, reserved);
      await deps.booking.billed(booked, failure.usage, cost, attempt.budget, false);
    } else if (failure.perhapsBilled) {
      await deps.booking.perhaps(booked, reserved, attempt.budget);
    } else {
      await desk.meter.release(requestId);
    }
    await deps.health.failed(provider, failure, call.projectId);
    await attempt.call.failed({ requestId, kind: failure.kind, detail: failure.message });
    if (failure.kind !== 'aborted') await tellFailed(desk, call, provider, requestId, failure);
    return { kind: 'failed', failure };
  }

  /** A price that was known before the call and is not any more: the worst case takes its place. */
  function costOf({ provider }: Booked, usage: Usage, reserved: number): number {
    return priceOf(provider, usage) ?? reserved;
  }
}

/** Nothing was asked of anybody. To the caller it is a call that was cut. */
function haltedBy({ reason }: Halt): ModelFailure {
  const message = `The factory is halted (${reason}); df resume --all lets it go on.`;
  return { ok: false, kind: 'aborted', message, perhapsBilled: false };
}

function unquoted(
  providerId: string,
  model: string,
  unquotable: { problem: 'price' } | { problem: 'context'; detail: string },
): Refusal {
  if (unquotable.problem === 'context') {
    return { providerId, because: 'context', detail: unquotable.detail, reason: 'api_error' };
  }
  return unusable(
    providerId,
    `Provider ${providerId} has no known price for ${model}: give --price-in and --price-out, or --free.`,
  );
}

function unusable(providerId: string, detail: string): Refusal {
  return { providerId, because: 'unusable', detail, reason: 'api_error' };
}

const CAPS = {
  credits: 'its credits do not pay for another call',
  project_budget: "the project's budget does not pay for another call (df resume --budget raises it)",
  day_budget: "the factory's budget per day is spent (budgets.perDay in config.yaml)",
  hour_budget: "the factory's budget per hour is spent (budgets.perHour in config.yaml)",
} as const;

/** A refusal of the meter. Money that open calls may give back is waited for like a rate. */
function refused(providerId: string, answer: Exclude<MeterAnswer, { granted: true }>): Refusal {
  if (answer.limit === 'rate') {
    const detail = `The rate limit of provider ${providerId} is reached.`;
    return { providerId, because: 'wait', until: answer.retryAt, detail, reason: 'rate_limit' };
  }
  const window = answer.limit === 'day_budget' || answer.limit === 'hour_budget';
  const base = { providerId, reason: 'credits_exhausted' } as const;
  const until = answer.retryAt === undefined ? {} : { until: answer.retryAt };
  const soon = answer.retryAt !== undefined && answer.retryAt.getTime() - Date.now() < GRACE_MS;
  if (soon) {
    const detail = `Other calls hold the money that provider ${providerId} could still spend.`;
    return { ...base, because: 'wait', detail, ...until };
  }
  const when =
    window && answer.retryAt !== undefined ? ` There is room again at ${answer.retryAt.toISOString()}.` : '';
  const detail = `Provider ${providerId}: ${CAPS[answer.limit]}.${when}`;
  return { ...base, because: answer.limit === 'credits' ? 'unusable' : 'budget', detail, ...until };
}
