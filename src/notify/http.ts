import type { Notice } from '../factory/model/notifications/notification.ts';
import type { Sent } from '../factory/ports.ts';
import { errorCode } from '../lib/errno.ts';

/** A receiver that does not answer within so many milliseconds is tried again later. */
export const HTTP_TIMEOUT_MS = 10_000;

/**
 * One POST. A redirect is not followed: a message must not end where nobody sent it.
 *
 * @param address may be a secret as a whole; nothing of it is in the answer
 */
export function postNotice(
  address: string,
  notice: Notice,
  body: unknown,
  signal: AbortSignal,
  timeoutMs: number = HTTP_TIMEOUT_MS,
): Promise<Sent> {
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'X-DarkFactory-Id': notice.id,
    'X-DarkFactory-Kind': notice.kind,
  };
  return ask(address, { method: 'POST', headers, body: JSON.stringify(body) }, signal, timeoutMs);
}

/** One GET that carries nothing. @param address as for `postNotice` */
export const ping = (address: string, signal: AbortSignal): Promise<Sent> =>
  ask(address, { method: 'GET', headers: {} }, signal, HTTP_TIMEOUT_MS);

async function ask(
  address: string,
  request: { method: string; headers: Record<string, string>; body?: string },
  signal: AbortSignal,
  timeoutMs: number,
): Promise<Sent> {
  const limit = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(address, {
      ...request,
      headers: { ...request.headers, 'User-Agent': 'dark-factory' },
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
    });
    // Nobody reads it; left open it would hold the connection.
    await response.body?.cancel();
    if (response.status >= 200 && response.status < 300) return { ok: true };
    const retryAfterMs = retryAfter(response.headers);
    return {
      ok: false,
      problem: `it answered with status ${response.status}`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  } catch (error) {
    if (limit.aborted) return { ok: false, problem: `no answer within ${timeoutMs / 1_000} s` };
    if (signal.aborted) return { ok: false, problem: 'the worker is going down' };
    return { ok: false, problem: `it could not be reached (${codeOf(error)})` };
  }
}

/** Seconds, as chats send them. A date is not worth the trouble: the own pause is taken then. */
function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds * 1_000) : undefined;
}

/** `ECONNREFUSED` and the like. Messages of fetch may name the address. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return errorCode(first) ?? 'failed';
}
