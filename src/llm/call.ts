import type { ModelCallOptions } from '../factory/ports.ts';

/** Why a call was cut from our side. */
export type Cut = 'aborted' | 'idle' | 'timeout' | 'oversize';

/** A reply larger than this is no reply of a model; reading on would fill the memory. */
const LARGEST_REPLY = 64 * 1024 * 1024;
/** Of an answer that is no stream this much is read. */
const LARGEST_ANSWER = 8 * 1024 * 1024;
/** A model that thinks may be silent for this many times the time in which something must arrive. */
const THOUGHT_ROUNDS = 5;
/** Timers cannot hold more. */
const LONGEST_TIMER = 2 ** 31 - 1;

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** An answer that is no event stream: an error, a web page, or the whole reply of a server that does not stream. */
export class PlainAnswer extends Error {
  override readonly name = 'PlainAnswer';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: string;

  constructor(status: number, headers: Record<string, string>, body: string) {
    // The SDKs read words such as "timed out" out of messages: this one must hold nothing of the answer.
    super('The provider answered without a stream.');
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** One call under its limits of time and size. */
export interface GuardedCall {
  /** Cut when the owner aborts or a limit is reached. */
  signal: AbortSignal;
  /** To be used by the SDK. Throws `PlainAnswer` for everything that is no stream with status 200. */
  fetch: Fetch;
  cut(): Cut | undefined;
  /** The request was handed to the network. */
  sent(): boolean;
  /** The provider has begun to answer it. */
  answered(): boolean;
  /** What `fetch` threw. The SDKs put an error without a cause in its place where they read "timed out" in it. */
  problem(): unknown;
  /** Must be called once at the end: ends the timers. */
  end(): void;
}

/**
 * Puts a call under its limits: the owner's signal, the total time, and the time in which nothing arrives. Any byte
 * counts as a sign of life, also the pings and comments that an SDK swallows.
 *
 * @param thinks whether the model has said that it thinks, which some do without a sound
 */
export function guardCall(
  options: ModelCallOptions,
  base: Fetch,
  thinks: () => boolean = () => false,
): GuardedCall {
  const controller = new AbortController();
  let cut: Cut | undefined;
  let sent = false;
  let answered = false;
  let problem: unknown;
  const stop = (why: Cut) => {
    cut ??= why;
    controller.abort();
  };
  const onAbort = () => stop('aborted');
  if (options.signal.aborted) stop('aborted');
  options.signal.addEventListener('abort', onAbort, { once: true });
  const total = setTimeout(() => stop('timeout'), Math.min(options.timeoutMs, LONGEST_TIMER));
  let rounds = 0;
  const idle = setTimeout(
    () => {
      rounds += 1;
      if (thinks() && rounds < THOUGHT_ROUNDS) idle.refresh();
      else stop('idle');
    },
    Math.min(options.idleTimeoutMs, LONGEST_TIMER),
  );
  const alive = () => {
    rounds = 0;
    idle.refresh();
  };

  async function ask(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    // A redirect would carry the key to another address.
    const response = await base(input, { ...init, headers: known(init?.headers), redirect: 'manual' });
    answered = true;
    alive();
    // Some compatible servers stream under `text/plain` or under no name at all.
    const type = response.headers.get('content-type') ?? '';
    const stream = response.ok && /^\s*($|text\/event-stream|text\/plain)/i.test(type);
    const body = response.body;
    if (!stream || !body) {
      const text = await readAtMost(body, LARGEST_ANSWER, alive);
      throw new PlainAnswer(response.status, Object.fromEntries(response.headers), text);
    }
    const counted = body.pipeThrough(counting(alive, () => stop('oversize')));
    return new Response(counted, { status: response.status, headers: response.headers });
  }

  return {
    signal: controller.signal,
    cut: () => cut,
    sent: () => sent,
    answered: () => answered,
    problem: () => problem,
    end() {
      clearTimeout(total);
      clearTimeout(idle);
      options.signal.removeEventListener('abort', onAbort);
    },
    async fetch(input, init) {
      sent = true;
      try {
        return await ask(input, init);
      } catch (thrown) {
        problem = thrown;
        throw thrown;
      }
    },
  };
}

/** Lets a reply through as long as it is not larger than any model writes. */
function counting(alive: () => void, tooLarge: () => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, out) {
      alive();
      bytes += chunk.byteLength;
      if (bytes > LARGEST_REPLY) tooLarge();
      else out.enqueue(chunk);
    },
  });
}

/** What the SDKs send by themselves. They would add what the environment names for other programs, keys among it. */
const SENT_HEADERS =
  /^(accept|content-[a-z]+|user-agent|authorization|api-key|x-api-key|idempotency-key|x-stainless-[a-z-]+|anthropic-[a-z-]+)$/;

function known(headers: RequestInit['headers']): Headers {
  return new Headers([...new Headers(headers)].filter(([name]) => SENT_HEADERS.test(name)));
}

async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
  alive: () => void,
): Promise<string> {
  if (!body) return '';
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    alive();
    text += decoder.decode(chunk, { stream: true });
    if (text.length > limit) break;
  }
  return text + decoder.decode();
}
