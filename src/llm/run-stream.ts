import type {
  ModelCallOptions,
  ModelFacts,
  ModelFailure,
  ModelReply,
  ModelRequest,
} from '../factory/ports.ts';
import type { Redactor } from '../lib/text/redact.ts';
import { type Cut, type Fetch, type GuardedCall, guardCall, PlainAnswer } from './call.ts';
import { type Classified, causes, classifyAnswer, classifyNetwork } from './failures.ts';
import { atLeast, estimatedUsage, type StreamReader, type StreamState } from './wire/reply.ts';

/** What both vendors' adapters need. */
export interface CallContext {
  /** For messages to people: `anthropic (claude-…)`. */
  label: string;
  redactor: Redactor;
  /** Of the provider's model. */
  facts: ModelFacts;
  fetch: Fetch;
  now: () => Date;
}

export interface StreamCall {
  request: ModelRequest;
  options: ModelCallOptions;
  reader: StreamReader;
  /** The whole reply was asked for at once: nothing is heard until the model is ready. */
  silent?: boolean;
  /** Sends the request by the SDK and gives its events. */
  open(call: GuardedCall): Promise<AsyncIterable<unknown>>;
  /** Takes a whole reply that came without a stream. `undefined`: such a reply is not known. */
  whole?(body: string): unknown;
  /** The error object of an event inside the stream, as the SDK throws it. */
  streamError(problem: unknown): unknown;
}

const CUT: Record<Cut, { kind: ModelFailure['kind']; code: string; says: string }> = {
  aborted: { kind: 'aborted', code: 'aborted', says: 'the call was stopped' },
  idle: { kind: 'outage', code: 'idle_timeout', says: 'nothing arrived for too long' },
  timeout: { kind: 'outage', code: 'timeout', says: 'the call took too long' },
  oversize: { kind: 'outage', code: 'oversize', says: 'the reply is larger than any model writes' },
};

/**
 * Makes one streamed call and says how it ended. Never throws for what a provider did.
 *
 * A reply counts when the model said why it stopped and the stream ended in good order, or when its usage had come as
 * well. Anything less is a failure, and what had arrived of the text is dropped.
 */
export async function runStream(context: CallContext, stream: StreamCall): Promise<ModelReply | Classified> {
  const call = guardCall(
    stream.options,
    context.fetch,
    () => stream.silent || (stream.reader.thinks?.() ?? false),
  );
  let problem: unknown;
  try {
    if (!call.cut()) for await (const event of await stream.open(call)) stream.reader.add(event);
  } catch (thrown) {
    problem = call.problem() ?? thrown ?? new Error('The request failed without a reason.');
  } finally {
    call.end();
  }
  const plain = causes(problem).find((cause) => cause instanceof PlainAnswer);
  if (plain && plain.status < 300) {
    const event = stream.whole?.(plain.body);
    if (event !== undefined) {
      stream.reader.add(event);
      problem = undefined;
    }
  }
  const state = stream.reader.state();
  if (state.stop && state.usage) return reply(state, state.stop, state.usage);
  if (state.stop && state.running) {
    return reply(state, state.stop, atLeast(state.running, stream.request, state.message));
  }
  const cut = call.cut();
  if (cut) return cutFailure(context, cut, call.sent(), state);
  if (state.error !== undefined) return withUsage(streamFailure(context, state.error, state), state);
  if (problem !== undefined) return withUsage(failure(context, stream, call, problem, plain), state);
  if (!state.stop) return cutStream(context, state);
  return reply(state, state.stop, estimatedUsage(stream.request, state.message));
}

const reply = (state: StreamState, stop: ModelReply['stop'], usage: ModelReply['usage']): ModelReply => ({
  ok: true,
  message: state.message,
  usage,
  stop,
  ...(state.charged === undefined ? {} : { charged: state.charged }),
});

/**
 * What came before the failure is paid for; where it was counted to somewhere in the middle only, nobody knows how much that is. A
 * model that had begun to answer did not refuse the form of the request.
 */
function withUsage(failed: Classified, { usage, running, charged, message }: StreamState): Classified {
  if (usage === undefined && running === undefined && message.parts.length === 0) return failed;
  const { repair: _repair, ...rest } = failed;
  const known = charged === undefined ? {} : { charged };
  if (usage !== undefined) return { ...rest, usage, ...known, perhapsBilled: true };
  return running === undefined ? rest : { ...rest, perhapsBilled: true };
}

function cutFailure(context: CallContext, cut: Cut, sent: boolean, state: StreamState): Classified {
  const { kind, code, says } = CUT[cut];
  const message = `${context.label}: ${says}.`;
  return withUsage({ ok: false, kind, code, message, perhapsBilled: sent }, state);
}

function cutStream(context: CallContext, state: StreamState): Classified {
  const message = `${context.label}: the stream ended in the middle of the reply.`;
  return withUsage({ ok: false, kind: 'outage', code: 'stream_cut', message, perhapsBilled: true }, state);
}

function streamFailure(
  { label, redactor, now }: CallContext,
  error: unknown,
  state: StreamState,
): Classified {
  const { message, answering } = state;
  const begun = message.parts.length > 0 ? 'speaking' : answering ? 'answering' : undefined;
  return classifyAnswer(label, { headers: {}, body: JSON.stringify(error), begun }, redactor, now());
}

function failure(
  context: CallContext,
  stream: StreamCall,
  call: GuardedCall,
  problem: unknown,
  plain: PlainAnswer | undefined,
): Classified {
  const { label, redactor, now } = context;
  if (plain) return classifyAnswer(label, plain, redactor, now());
  const inStream = stream.streamError(problem);
  if (inStream !== undefined) return streamFailure(context, inStream, stream.reader.state());
  if (causes(problem).some((cause) => cause instanceof SyntaxError)) {
    const message = redactor.text(
      `${label}: the stream holds something that is not JSON. ${String(problem)}`,
    );
    return { ok: false, kind: 'outage', code: 'broken_stream', message, perhapsBilled: true };
  }
  const lost = classifyNetwork(label, problem, redactor);
  // Whoever answers has the request, whatever it was that then failed.
  return call.answered() ? { ...lost, perhapsBilled: true } : lost;
}
