import Anthropic, { APIError } from '@anthropic-ai/sdk';
import type { ProviderConfig } from '../factory/finance/finance.ts';
import type { ModelAdapter } from '../factory/ports.ts';
import type { Fetch } from './call.ts';
import { anthropicBaseUrl } from './endpoint.ts';
import type { Repair } from './failure-rows/row.ts';
import { withRepair } from './repair.ts';
import { type CallContext, runStream } from './run-stream.ts';
import { type AnthropicForm, toAnthropicBody } from './wire/anthropic.ts';
import { createAnthropicReader } from './wire/anthropic-stream.ts';

/** Anthropic's messages. Always streams; the growing conversation is marked for its prompt cache. */
export function createAnthropicAdapter(
  provider: ProviderConfig,
  apiKey: string,
  context: CallContext,
  newId: () => string,
): ModelAdapter {
  const baseURL = anthropicBaseUrl(provider);
  const form: AnthropicForm = { plain: false, keepThinking: true };

  return withRepair(form, repairForm, (request, options, current) =>
    runStream(context, {
      request,
      options,
      reader: createAnthropicReader(newId, request.model),
      open: async (call) => {
        const client = new Anthropic({
          // Without a key the SDK would look for one in the owner's environment and files.
          apiKey: apiKey || 'none',
          authToken: null,
          // The SDK sends the key as a bearer; gateways that speak this format know the documented header.
          ...(apiKey === '' ? {} : { defaultHeaders: { 'x-api-key': apiKey } }),
          baseURL,
          fetch: apiKey === '' ? withoutKey(call.fetch) : call.fetch,
          maxRetries: 0,
          logLevel: 'off',
          timeout: options.timeoutMs,
        });
        // `messages.create` would print a warning to the console for every call of an older model.
        return client.post<AsyncIterable<unknown>>('/v1/messages', {
          body: toAnthropicBody(request, current),
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

const withoutKey =
  (send: Fetch): Fetch =>
  (input, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('authorization');
    return send(input, { ...init, headers });
  };

/** How the form changes after a refusal, or `undefined` when it is already so. */
function repairForm(form: AnthropicForm, repair: Repair): AnthropicForm | undefined {
  if (repair === 'no_thinking') return form.keepThinking ? { ...form, keepThinking: false } : undefined;
  if (repair === 'plain_history') return form.plain ? undefined : { plain: true, keepThinking: false };
  return undefined;
}
