import { DarkFactoryError } from '../lib/failure.ts';
import { parseObject } from '../lib/record.ts';

/** A limit without a moment at which it ends holds for this long, as GitHub's documents ask. Milliseconds. */
const UNTOLD_LIMIT_MS = 60_000;
/** A forge that asks for more is asked again all the same, to hear whether it still means it. Milliseconds. */
const LONGEST_LIMIT_MS = 24 * 60 * 60_000;

/**
 * Until when nothing may be asked any more; `null`: at any time. A reply that went well may be the last one that the limit allows.
 * Moments are the forge's, by its own clock.
 */
export function limitOf(response: Response, text: string, now: Date): Date | null {
  const { headers, status } = response;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const number = (name: string) => finite(Number(headers.get(name) ?? Number.NaN));
  const moment = (name: string) => finite(Date.parse(headers.get(name) ?? ''));
  const there = moment('date') ?? now.getTime();
  const inTime = (ms: number) => new Date(now.getTime() + Math.min(Math.max(ms, 1_000), LONGEST_LIMIT_MS));
  const refused =
    status === 429 ||
    (status === 403 && /rate limit|abuse detection/i.test(text)) ||
    (status === 422 && /submitted too quickly/i.test(text));
  const seconds = number('retry-after');
  const at = moment('retry-after');
  const retryAfter = seconds !== null ? seconds * 1_000 : at === null ? null : at - there;
  if (retryAfter !== null && (refused || status === 403)) return inTime(retryAfter);
  const left = number('x-ratelimit-remaining') ?? number('ratelimit-remaining');
  const reset = number('x-ratelimit-reset') ?? number('ratelimit-reset');
  if (left === 0 && reset !== null && (refused || status < 400 || status === 403))
    return inTime(reset * 1_000 - there);
  return refused ? inTime(UNTOLD_LIMIT_MS) : null;
}

/** What a forge says went wrong, in one line. */
export function shownMessage(text: string): string {
  const { message, error, error_description: longer, errors } = parseObject(text) ?? {};
  const all = [message ?? error, longer, ...(Array.isArray(errors) ? errors : [])];
  const said = all.flatMap((each) => {
    if (typeof each === 'string') return [each];
    if (typeof each !== 'object' || each === null) return [];
    return ['message' in each && typeof each.message === 'string' ? each.message : JSON.stringify(each)];
  });
  return (
    said
      .join('; ')
      .replace(/\p{Cc}/gu, ' ')
      .slice(0, 300) || 'it gives no reason'
  );
}

/** What an answer that is no success means. @param what method and path */
export function statusProblem(
  name: string,
  { status }: Response,
  text: string,
  what: string,
): DarkFactoryError {
  const said = shownMessage(text);
  if (status === 401)
    return new DarkFactoryError(
      'environment',
      'forge_token_refused',
      `The forge ${name} refuses the token (${said})`,
      `It was revoked, has run out, or was mistyped. Make a new one there, and give it: df forge set-token ${name} --token-stdin.`,
    );
  if (status === 403)
    return new DarkFactoryError(
      'environment',
      'forge_forbidden',
      `The token of the forge ${name} may not ${what} (${said})`,
      'Give the token the scope that is missing (GitHub: contents, issues and pull requests, read and write; GitLab: api), or take another one.',
    );
  if (status === 404)
    return new DarkFactoryError(
      'not_found',
      'forge_not_found',
      `The forge ${name} knows no ${what.replace(/^\S+ /, '')}, or its token may not see it`,
      'Look at name and address with df forge list, and at what the token may see.',
    );
  if (status === 410)
    return new DarkFactoryError(
      'not_found',
      'forge_gone',
      `At the forge ${name} ${what.replace(/^\S+ /, '')} is gone (${said})`,
      'It was deleted, or is switched off there.',
    );
  return new DarkFactoryError(
    'failed',
    'forge_refused',
    `The forge ${name} refuses ${what} with status ${status}: ${said}`,
    'Do what it says there, and try again.',
  );
}

export function unknownReply(name: string, what: string, problem: string): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'forge_reply_unknown',
    `What the forge ${name} answers to ${what} is not what its documents say: ${problem}`,
    'Look at its address with df forge list; an old version of the forge may be too old.',
  );
}
