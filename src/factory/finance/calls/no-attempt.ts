import { formatUsd } from '../../../lib/text/usd.ts';
import type { Halt, MeterAnswer, ModelFailure, ModelReply } from '../../ports.ts';
import type { Refusal } from './outcome.ts';

/** Why an attempt was not made, or came to nothing, in the words and kinds that the manager goes by. */

/** A reservation outlives the longest call by this, in milliseconds. */
export const GRACE_MS = 60_000;
/** Of the words of a refusal this much is kept. */
const REFUSAL_CHARACTERS = 500;

/** A policy that refuses to answer is a failure of this provider at this conversation. */
export function refusedToAnswer(reply: ModelReply): ModelFailure {
  const said = reply.message.parts
    .flatMap((part) => (part.type === 'text' ? [part.text.trim()] : []))
    .join(' ');
  return {
    ok: false,
    kind: 'refusal',
    code: 'refusal',
    message: `the provider's policy refuses to answer. ${said === '' ? '(no words)' : said.slice(0, REFUSAL_CHARACTERS)}`,
    usage: reply.usage,
    ...(reply.charged === undefined ? {} : { charged: reply.charged }),
    perhapsBilled: true,
  };
}

/** Nothing was asked of anybody. To the caller it is a call that was cut. */
export function haltedBy({ reason }: Halt): ModelFailure {
  const message = `The factory is halted (${reason}); df resume --all lets it go on.`;
  return { ok: false, kind: 'aborted', message, perhapsBilled: false };
}

/**
 * Nobody here has cut the call: its adapter gave up by itself, which says something of the provider. As a cut it would be no failure
 * of anybody, and be asked for and paid again without a pause.
 */
export function gaveUp(failure: ModelFailure): ModelFailure {
  return { ...failure, kind: 'outage', code: failure.code ?? 'gave_up' };
}

export function unquoted(
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

export function unusable(providerId: string, detail: string, cause: Refusal['cause'] = 'provider'): Refusal {
  return { providerId, because: 'unusable', cause: cause ?? 'provider', detail, reason: 'api_error' };
}

const CAPS = {
  credits: 'its credits do not pay for another call',
  project_budget: "the project's budget does not pay for another call (df resume --budget raises it)",
  day_budget: "the factory's budget per day is spent (budgets.perDay in config.yaml)",
  hour_budget: "the factory's budget per hour is spent (budgets.perHour in config.yaml)",
} as const;

const OF_ALL = {
  day_budget: 'a day (budgets.perDay in config.yaml)',
  hour_budget: 'an hour (budgets.perHour in config.yaml)',
} as const;

/** What a call costs at the least, and what the smallest of all calls does (`null`: not known): USD. */
export interface Least {
  usd: number;
  smallest: number | null;
}

/**
 * A refusal of the meter. Money that open calls may give back is waited for like a rate. A cap over all projects that is smaller than
 * this call never has room for it; for a shorter conversation it may.
 *
 * @param caps the caps over all projects in USD
 */
export function refused(
  providerId: string,
  answer: Exclude<MeterAnswer, { granted: true }>,
  least: Least,
  caps: { perDay?: number | undefined; perHour?: number | undefined },
): Refusal {
  if (answer.limit === 'rate') {
    const detail = `The rate limit of provider ${providerId} is reached.`;
    return { providerId, because: 'wait', until: answer.retryAt, detail, reason: 'rate_limit' };
  }
  const base = { providerId, reason: 'credits_exhausted' } as const;
  const { limit } = answer;
  if ((limit === 'day_budget' || limit === 'hour_budget') && answer.retryAt === undefined) {
    const cap = (limit === 'day_budget' ? caps.perDay : caps.perHour) ?? 0;
    const fits = least.smallest !== null && least.smallest <= cap;
    return {
      ...base,
      ...{ because: fits ? 'context' : 'budget', cap: true },
      detail: `Provider ${providerId}: this call costs at least ${formatUsd(least.usd)}, and all projects together may spend ${formatUsd(cap)} ${OF_ALL[limit]}.`,
    };
  }
  const until = answer.retryAt === undefined ? {} : { until: answer.retryAt };
  const soon = answer.retryAt !== undefined && answer.retryAt.getTime() - Date.now() < GRACE_MS;
  if (soon) {
    const detail = `Other calls hold the money that provider ${providerId} could still spend.`;
    return { ...base, because: 'wait', detail, ...until };
  }
  const when = answer.retryAt === undefined ? '' : ` There is room again at ${answer.retryAt.toISOString()}.`;
  const detail = `Provider ${providerId}: ${CAPS[limit]}.${when}`;
  if (limit === 'credits') return { ...base, because: 'unusable', cause: 'credits', detail, ...until };
  const isOwn = answer.limit === 'project_budget' && answer.retryAt === undefined;
  return { ...base, because: 'budget', detail, ...until, ...(isOwn ? { leftUsd: answer.leftUsd } : {}) };
}
