import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { ProviderConfig } from '../factory/model/money/finance.ts';
import type { ModelAdapter, ModelFacts, ModelRequest } from '../factory/ports.ts';
import type { Fetch } from './call.ts';
import { type EffortForm, withEffort, withoutEffort } from './effort.ts';
import { anthropicBaseUrl, thinkingVendor } from './endpoint.ts';
import type { Repair } from './failure-rows/row.ts';
import { withRepair } from './repair.ts';
import { type CallContext, runStream } from './run-stream.ts';
import { type AnthropicForm, toAnthropicBody } from './wire/anthropic.ts';
import { createAnthropicReader } from './wire/anthropic-stream.ts';
import type { ThinkingMode } from './wire/anthropic-thinking.ts';

/** Thinking between the calls of one turn, for models whose thinking has a budget; the others do so anyway. */
const INTERLEAVED = { 'anthropic-beta': 'interleaved-thinking-2025-05-14' };

interface Form extends AnthropicForm, EffortForm {
  /** It takes the names of what is new in the vendor's interface. */
  beta: boolean;
}

/**
 * Anthropic's messages. Always streams; the growing conversation is marked for its prompt cache. Thinking and effort are asked
 * for as the model takes them; what one repair taught about the endpoint is kept for the adapter's life.
 */
export function createAnthropicAdapter(
  provider: ProviderConfig,
  apiKey: string,
  context: CallContext,
  newId: () => string,
): ModelAdapter {
  const baseURL = anthropicBaseUrl(provider);
  const initial = initialForm(provider, context);

  return withRepair(initial, repairForm, (request, options, form) =>
    runStream(context, {
      request,
      options,
      reader: createAnthropicReader(newId, { vendor: form.vendor, model: request.model }),
      open: async (call) => {
        const client = new Anthropic({
          // Without a key the SDK would look for one in the owner's environment and files.
          apiKey: apiKey || 'none',
          authToken: null,
          baseURL,
          fetch: withKey(call.fetch, apiKey),
          maxRetries: 0,
          logLevel: 'off',
          timeout: options.timeoutMs,
        });
        const budgetFor = request.effort ?? form.budgetFor;
        const body = toAnthropicBody(request, { ...withEffort(form, request, context.facts), budgetFor });
        const interleaved = form.beta && body.thinking?.type === 'enabled' && body.tools !== undefined;
        // `messages.create` would print a warning to the console for every call of an older model.
        return client.post<AsyncIterable<unknown>>('/v1/messages', {
          body,
          ...(interleaved ? { headers: INTERLEAVED } : {}),
          stream: true,
          signal: call.signal,
        });
      },
      streamError: (problem) =>
        problem instanceof APIError && problem.status === undefined && problem.error
          ? problem.error
          : undefined,
    }),
  );
}

const MODES: Readonly<Record<ModelFacts['thinking'], readonly ThinkingMode[]>> = {
  adaptive: ['adaptive', 'budget'],
  budget: ['budget', 'adaptive'],
  always: [],
  none: [],
};

function initialForm(provider: ProviderConfig, { facts }: CallContext): Form {
  const effort = provider.effort === undefined ? undefined : facts.efforts[provider.effort];
  return {
    vendor: thinkingVendor(provider),
    modes: MODES[facts.thinking],
    budgetFor: provider.effort ?? 'medium',
    takesEffort: true,
    ...(effort === undefined ? {} : { effort }),
    keepThinking: true,
    leading: 'none',
    plain: false,
    // One that always thinks cannot be forced either.
    toolChoice: facts.thinking !== 'always',
    longCache: true,
    beta: true,
  };
}

/** The key of the provider and no other: the SDK would take one from the environment. */
const withKey =
  (send: Fetch, apiKey: string): Fetch =>
  (input, init) => {
    const headers = new Headers(init?.headers);
    // The SDK sends the key as a bearer; gateways that speak this format know the documented header.
    for (const [name, value] of [
      ['authorization', `Bearer ${apiKey}`],
      ['x-api-key', apiKey],
    ] as const) {
      if (apiKey === '') headers.delete(name);
      else headers.set(name, value);
    }
    return send(input, { ...init, headers });
  };

/** How the form changes after a refusal, or `undefined` when it is already so. */
function repairForm(form: Form, repair: Repair, request: ModelRequest): Form | undefined {
  switch (repair) {
    case 'thinking_mode':
      return form.modes.length > 0 ? { ...form, modes: form.modes.slice(1) } : undefined;
    case 'no_effort':
      return withoutEffort(form, request);
    case 'leading_thinking':
      return form.leading === 'none' ? { ...form, leading: 'last' } : undefined;
    case 'fill_reasoning':
    case 'fill_signature':
      return form.leading === 'all' ? undefined : { ...form, leading: 'all' };
    case 'bad_signature':
    case 'no_thinking':
      return form.keepThinking ? { ...form, keepThinking: false } : undefined;
    case 'no_tool_choice':
      return form.toolChoice ? { ...form, toolChoice: false } : undefined;
    case 'short_cache':
      return form.longCache ? { ...form, longCache: false } : undefined;
    case 'no_beta':
      return form.beta ? { ...form, beta: false } : undefined;
    case 'plain_history':
      return form.plain ? undefined : { ...form, plain: true, keepThinking: false };
    default:
      return undefined;
  }
}
