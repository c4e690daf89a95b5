import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { assistantMessage } from '../factory/model/message.ts';
import { type ProviderConfig, usage } from '../factory/model/money/finance.ts';
import type {
  ModelAdapter,
  ModelCallOptions,
  ModelFailure,
  ModelReply,
  ModelRequest,
} from '../factory/ports.ts';
import { hasCode } from '../lib/errno.ts';
import type { Fetch } from './call.ts';
import { thinkingVendor } from './endpoint.ts';
import { causes } from './failures.ts';
import { ownRequest, signedBy } from './own-parts.ts';
import type { CallContext } from './run-stream.ts';
import { billable, estimatedUsage } from './wire/reply.ts';

/*
 * The contract of an adapter file, for owners.
 *
 * A JavaScript module (`.mjs`, or `.js` in a package of type `module`) outside every worktree, whose default export is
 *
 *   export default function createAdapter({ model, apiKey, baseUrl, fetch }) {
 *     return { async complete(request, { signal, timeoutMs, idleTimeoutMs }) { … } };
 *   }
 *
 * `fetch` is the usual one without its limit of five minutes of silence.
 * `request` is `{ model, system, messages, tools, maxOutputTokens, cacheKey?, cacheFor?, toolRequired? }`. Messages are, in order,
 *   { role: 'user', text }
 *   { role: 'assistant', parts: [{ type: 'text', text } | { type: 'tool_call', id, name, arguments } | { type: 'thinking', … }] }
 *   { role: 'tool', callId, name, output, isError }
 * Thinking, and the field `opaque` of a tool call, are given back as the adapter told them: `{ vendor, model, data }` with any
 * `data`; whose they are is filled in, and what other providers' models thought is left out.
 * `arguments` is JSON text. Tools are `{ name, description, parameters }` with a JSON schema.
 *
 * `complete` resolves to a reply
 *   { ok: true, message: { role: 'assistant', parts }, usage: { input, output, cacheRead?, cacheWrite? }, stop }
 * with `stop` one of end, tool_calls, max_tokens, refusal, and `input` without the cached tokens (a count without any input is
 * none: the reply is estimated); or to a failure
 *   { ok: false, kind, message, perhapsBilled, retryAfterMs?, resetAt?, status?, code? }
 * with `kind` one of rate, money, outage, key, context, malformed, request, refusal, config, aborted. It makes one request and no
 * retry. `aborted` is what ends because `signal` was cut; told of itself it counts as an outage.
 * What it throws counts as an outage. When `signal` is cut or the time is over, its answer is no longer waited for.
 *
 * The module runs inside the worker, with the worker's rights: it is the owner's own code, and is read again when the
 * file changes.
 */

const replySchema = z.object({
  ok: z.literal(true),
  message: assistantMessage,
  usage,
  stop: z.enum(['end', 'tool_calls', 'max_tokens', 'refusal']),
});

const failureSchema = z.object({
  ok: z.literal(false),
  kind: z.enum([
    ...([
      'rate',
      'money',
      'outage',
      'key',
      'context',
      'malformed',
      'request',
      'refusal',
      'config',
      'aborted',
    ] as const),
  ]),
  message: z.string(),
  perhapsBilled: z.boolean().default(true),
  status: z.number().int().optional(),
  code: z.string().optional(),
  retryAfterMs: z.number().nonnegative().optional(),
  resetAt: z.coerce.date().optional(),
  usage: usage.optional(),
});

const outcomeSchema = z.discriminatedUnion('ok', [replySchema, failureSchema]);

interface LoadedAdapter {
  complete(request: unknown, options: unknown): unknown;
}

/** The owner's adapter. A file that cannot be used is a failure of every call, never an exception. */
export function createCustomAdapter(
  provider: ProviderConfig & { adapter: string },
  apiKey: string,
  context: CallContext,
  forbiddenFolders: readonly string[],
): ModelAdapter {
  return {
    async complete(request, options) {
      const { label, redactor } = context;
      const source = { vendor: `${thinkingVendor(provider)}:adapter:${provider.id}`, model: request.model };
      let adapter: LoadedAdapter;
      try {
        adapter = await load(provider, apiKey, context.fetch, forbiddenFolders);
      } catch (problem) {
        return refused(
          redactor.text(`${label}: the adapter ${provider.adapter} cannot be used. ${told(problem)}`),
        );
      }
      try {
        const ended = await limited(
          async (signal) => adapter.complete(ownRequest(request, source), { ...options, signal }),
          options,
        );
        if ('cut' in ended) return cutFailure(label, ended.cut);
        const answer = counted(checked(ended.answer, label, redactor.text), request);
        return answer.ok ? { ...answer, message: signedBy(answer.message, source) } : answer;
      } catch (problem) {
        const message = redactor.text(`${label}: the adapter failed. ${told(problem)}`);
        return { ok: false, kind: 'outage', code: 'adapter_failed', message, perhapsBilled: true };
      }
    },
  };
}

const refused = (message: string): ModelFailure => ({
  ok: false,
  kind: 'config',
  code: 'adapter_unusable',
  message,
  perhapsBilled: false,
});

const told = (problem: unknown): string =>
  causes(problem)
    .map((cause) => cause.message)
    .join(': ') || String(problem);

async function load(
  provider: ProviderConfig & { adapter: string },
  apiKey: string,
  fetch: Fetch,
  forbiddenFolders: readonly string[],
): Promise<LoadedAdapter> {
  if (!isAbsolute(provider.adapter)) throw new Error('Its path must be absolute.');
  const file = await realpath(provider.adapter);
  for (const folder of forbiddenFolders) {
    if (await isInside(file, folder)) {
      throw new Error('It lies in a worktree, where an agent can write; put it elsewhere.');
    }
  }
  // A changed file is another module: the loader keeps what it has read under its address.
  const { mtimeMs } = await stat(file);
  const loaded: Record<string, unknown> = await import(`${pathToFileURL(file).href}?changed=${mtimeMs}`);
  const create = loaded.default;
  if (typeof create !== 'function') throw new Error('It has no function as its default export.');
  const adapter: unknown = await create({ model: provider.model, apiKey, baseUrl: provider.baseUrl, fetch });
  if (!isAdapter(adapter)) throw new Error('What it creates has no method "complete".');
  return adapter;
}

const isAdapter = (value: unknown): value is LoadedAdapter =>
  typeof value === 'object' && value !== null && 'complete' in value && typeof value.complete === 'function';

async function isInside(file: string, folder: string): Promise<boolean> {
  const real = await realpath(folder).catch((problem: unknown) => {
    // A folder that does not exist holds nothing.
    if (hasCode(problem, 'ENOENT')) return folder;
    throw problem;
  });
  const path = relative(real, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

type Ended = { answer: unknown } | { cut: 'aborted' | 'timeout' };

/** Waits no longer than the limits allow, whatever the adapter does with its signal. */
function limited(run: (signal: AbortSignal) => Promise<unknown>, options: ModelCallOptions): Promise<Ended> {
  const controller = new AbortController();
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', onAbort);
      settle();
    };
    const cut = (why: 'aborted' | 'timeout') => {
      controller.abort();
      finish(() => resolve({ cut: why }));
    };
    const onAbort = () => cut('aborted');
    const timer = setTimeout(() => cut('timeout'), Math.min(options.timeoutMs, 2 ** 31 - 1));
    options.signal.addEventListener('abort', onAbort, { once: true });
    if (options.signal.aborted) return onAbort();
    run(controller.signal).then(
      (answer) => finish(() => resolve({ answer })),
      (problem: unknown) => finish(() => reject(problem)),
    );
  });
}

function cutFailure(label: string, why: 'aborted' | 'timeout'): ModelFailure {
  const aborted = why === 'aborted';
  const says = aborted ? 'the call was stopped' : 'the call took too long';
  return {
    ok: false,
    kind: aborted ? 'aborted' : 'outage',
    code: aborted ? 'aborted' : 'timeout',
    message: `${label}: ${says}.`,
    perhapsBilled: true,
  };
}

/** No call is free because a server did not count it: its reply is estimated, and of a failure the reservation is booked. */
function counted(answer: ModelReply | ModelFailure, request: ModelRequest): ModelReply | ModelFailure {
  if (answer.ok) {
    const { message, usage: told } = answer;
    return { ...answer, usage: billable(told, message) ?? estimatedUsage(request, message) };
  }
  const { usage: told, ...failure } = answer;
  const bill = told && billable(told, { role: 'assistant', parts: [] });
  return bill === undefined ? failure : { ...failure, usage: bill };
}

function checked(
  outcome: unknown,
  label: string,
  redact: (text: string) => string,
): ModelReply | ModelFailure {
  const parsed = outcomeSchema.safeParse(outcome);
  if (!parsed.success) {
    const message = redact(
      `${label}: the adapter's answer is not in the agreed form. ${z.prettifyError(parsed.error)}`,
    );
    return { ok: false, kind: 'outage', code: 'adapter_answer', message, perhapsBilled: true };
  }
  if (parsed.data.ok) return parsed.data;
  const { status, code, retryAfterMs, resetAt, usage: used, ...failure } = parsed.data;
  return {
    ...failure,
    message: redact(failure.message),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(resetAt === undefined ? {} : { resetAt }),
    ...(used === undefined ? {} : { usage: used }),
  };
}
