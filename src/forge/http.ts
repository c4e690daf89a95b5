import { setTimeout as sleep } from 'node:timers/promises';
import { ForgeNotNow } from '../factory/ports.ts';
import { isOfFuture } from '../lib/clock.ts';
import { errorCode, hasCode } from '../lib/errno.ts';
import { DarkFactoryError } from '../lib/failure.ts';
import { createRecent } from '../lib/lru.ts';
import { parseJson } from '../lib/record.ts';
import { limitOf, shownMessage, statusProblem } from './problems.ts';

/** Of one request, with all its redirects. Milliseconds. */
const TIMEOUT_MS = 30_000;
/** Of a log, which may have many megabytes. Milliseconds. */
const LOG_TIMEOUT_MS = 120_000;
/** How often a read is sent, and the pause before the second time; each further one doubles it. */
const TRIES = 3;
const PAUSE_MS = 400;
/** A forge that is away is asked again after this long. Milliseconds. */
const AWAY_MS = 30_000;
const MOST_REDIRECTS = 5;
/** Bytes of a reply; an issue with all its text has a thousandth of it. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Replies kept with their ETags. */
const KEPT_REPLIES = 200;

export interface ForgeHttpDeps {
  /** For messages. */
  name: string;
  /** Everything goes to its origin, and nowhere else with the token. */
  base: URL;
  /** What proves who asks; asked before each request, so that a new token counts at once. */
  authorization(): Promise<Record<string, string>>;
  now(): Date;
  signal?: AbortSignal;
  /** Milliseconds between two tries. Missing: `PAUSE_MS`. */
  pauseMs?: number;
}

export interface ForgeHttp {
  /**
   * As `fetch`, for the API: any answer but a success throws. A reply with an ETag is asked for by it and given again when nothing has
   * changed, which costs nothing of the limit.
   */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>;
  /** The last bytes of a text, wherever its address leads; the token stays at the forge. */
  tail(url: string | URL, mostBytes: number): Promise<string>;
}

interface Kept {
  etag?: string;
  text?: string;
  headers?: Headers;
}

/** HTTP as forges want it: limits obeyed, reads tried again and writes never, renamed repositories followed. */
export function createForgeHttp(deps: ForgeHttpDeps): ForgeHttp {
  const kept = createRecent(KEPT_REPLIES, (): Kept => ({}));
  let blocked: { said: Date; error: ForgeNotNow } | null = null;

  const away = (why: string) =>
    new ForgeNotNow(
      'forge_away',
      `The forge ${deps.name} cannot be reached (${why})`,
      new Date(deps.now().getTime() + AWAY_MS),
    );

  /** Sends, follows, and tells what went wrong on the way; any status is an answer. */
  async function send(start: URL, init: RequestInit, mayLeave: boolean): Promise<Response> {
    const limitMs = mayLeave ? LOG_TIMEOUT_MS : TIMEOUT_MS;
    const limit = AbortSignal.timeout(limitMs);
    const signal = AbortSignal.any([limit, ...(deps.signal === undefined ? [] : [deps.signal])]);
    let url = start;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      const athome = url.origin === deps.base.origin;
      const headers = new Headers(athome ? init.headers : {});
      headers.set('user-agent', 'dark-factory');
      if (athome)
        for (const [name, value] of Object.entries(await deps.authorization())) headers.set(name, value);
      let response: Response;
      try {
        response = await fetch(url, { ...init, headers, signal, redirect: 'manual' });
      } catch (error) {
        throw away(limit.aborted ? `no answer within ${limitMs / 1_000} s` : reasonOf(error));
      }
      const to = response.status >= 301 && response.status <= 308 ? response.headers.get('location') : null;
      if (to === null) return response;
      await response.body?.cancel();
      url = new URL(to, url);
      if (!(url.origin === deps.base.origin || (mayLeave && isSafe(url)))) throw redirected(deps.name, url);
    }
    throw redirected(deps.name, url);
  }

  /** Asks again while the forge is away, as often as a read may be asked. */
  async function tryAgain<T extends { response: Response }>(
    isRead: boolean,
    ask: () => Promise<T>,
  ): Promise<T> {
    for (let tries = 1; ; tries++) {
      const last = !isRead || tries === TRIES;
      try {
        const answer = await ask();
        if (answer.response.status < 500 || last) return answer;
      } catch (error) {
        if (last || !(error instanceof ForgeNotNow)) throw error;
      }
      await sleep((deps.pauseMs ?? PAUSE_MS) * 2 ** (tries - 1));
    }
  }

  return {
    async fetch(address, init = {}) {
      const now = deps.now();
      if (blocked !== null && blocked.error.until > now && !isOfFuture(blocked.said, now))
        throw blocked.error;
      const url = new URL(address);
      if (url.origin !== deps.base.origin) throw redirected(deps.name, url);
      const slot = (init.method ?? 'GET') === 'GET' ? kept.memo(url.href) : {};
      const headers = new Headers(init.headers);
      if (slot.etag !== undefined) headers.set('if-none-match', slot.etag);
      const { response, text } = await tryAgain((init.method ?? 'GET') === 'GET', async () => {
        const answer = await send(url, { ...init, headers }, false);
        return { response: answer, text: await textOf(answer, away) };
      });
      const until = limitOf(response, text, now);
      if (until !== null) {
        const said = shownMessage(text);
        const message = `The forge ${deps.name} answers no more before ${until.toISOString()}: ${said}`;
        blocked = { said: now, error: new ForgeNotNow('forge_limited', message, until) };
        if (!response.ok && response.status !== 304) throw blocked.error;
      }
      if (response.status === 304 && slot.text !== undefined)
        return new Response(slot.text, { status: 200, headers: renewed(slot.headers, response.headers) });
      if (response.status >= 500) throw away(`it answers with status ${response.status}`);
      if (!response.ok)
        throw statusProblem(deps.name, response, text, `${init.method ?? 'GET'} ${url.pathname}`);
      // Whoever answers for it while it is being repaired says 200 as well; what was written may be there.
      if (!isEmptyByNature(response) && parseJson(text) === undefined)
        throw away('what it answers is no JSON');
      const etag = response.headers.get('etag');
      if (etag !== null) Object.assign(slot, { etag, text, headers: response.headers });
      const body = isEmptyByNature(response) ? null : text;
      return new Response(body, { status: response.status, headers: response.headers });
    },
    async tail(address, mostBytes) {
      const url = new URL(address);
      const { response, text } = await tryAgain(true, async () => {
        const answer = await send(url, {}, true);
        return { response: answer, text: await lastBytes(answer, mostBytes, away) };
      });
      if (!response.ok) throw statusProblem(deps.name, response, text, `GET ${url.pathname}`);
      return text;
    },
  };
}

const isEmptyByNature = ({ status }: Response) => status === 204 || status === 205;

/** What hangs on who asks is told anew, such as the scopes of the token. */
function renewed(before: Headers | undefined, now: Headers): Headers {
  const headers = new Headers(before);
  for (const [name, value] of now) if (!name.startsWith('content-')) headers.set(name, value);
  return headers;
}

/** A log may lie in a store of the forge's; in the clear only on this machine. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|127\.|\[::1\])/.test(hostname);
}

async function textOf(response: Response, away: (why: string) => Error): Promise<string> {
  let bytes = 0;
  const parts: Uint8Array[] = [];
  for await (const part of chunksOf(response, away)) {
    bytes += part.length;
    if (bytes > MOST_BYTES)
      throw new DarkFactoryError(
        'failed',
        'forge_reply_unknown',
        `A forge answered with more than ${MOST_BYTES / 1024 / 1024} MiB`,
        'Nothing that is asked of it is so long; look at its address with df forge list.',
      );
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function lastBytes(response: Response, most: number, away: (why: string) => Error): Promise<string> {
  let kept = Buffer.alloc(0);
  for await (const part of chunksOf(response, away)) kept = Buffer.concat([kept, part]).subarray(-most);
  return kept.toString('utf8');
}

async function* chunksOf({ body }: Response, away: (why: string) => Error): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    for await (const part of body) yield part as Uint8Array;
  } catch (error) {
    throw away(reasonOf(error));
  }
}

/** `ECONNREFUSED` and the like: messages of fetch may hold the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  if (hasCode(first, 'UND_ERR_SOCKET', 'ECONNRESET')) return 'the connection was cut';
  return errorCode(first) ?? 'no connection';
}

function redirected(name: string, { origin }: URL): DarkFactoryError {
  return new DarkFactoryError(
    'failed',
    'forge_redirected',
    `The forge ${name} leads to ${origin}, where its token is not for`,
    'Nothing was sent there. Add the forge with its new address: df forge add --url.',
  );
}
