import OpenAI, { APIError } from 'openai';
import type { ProviderConfig } from '../factory/finance/finance.ts';
import type { ModelAdapter } from '../factory/ports.ts';
import { idRule, limitName, openaiBaseUrl, thinkingVendor } from './endpoint.ts';
import type { Repair } from './failure-rows/row.ts';
import { withRepair } from './repair.ts';
import { type CallContext, runStream } from './run-stream.ts';
import { type OpenaiForm, toOpenaiBody } from './wire/openai.ts';
import { createOpenaiReader } from './wire/openai-stream.ts';

/**
 * OpenAI, and every endpoint that speaks its chat completions: Ollama, vLLM, OpenRouter, LiteLLM, and so on.
 *
 * Always streams and asks for usage. What one repair taught about the endpoint is kept for the adapter's life.
 */
export function createOpenaiAdapter(
  provider: ProviderConfig,
  apiKey: string,
  context: CallContext,
  newId: () => string,
): ModelAdapter {
  const vendor = thinkingVendor(provider);
  const baseURL = openaiBaseUrl(provider);
  // OpenAI itself shows no reasoning; compatible servers do, and some want it back.
  const thinking = provider.name === 'custom' ? { vendor, model: provider.model } : undefined;
  const form: OpenaiForm = {
    limitName: limitName(provider),
    streamOptions: true,
    ids: idRule(provider),
    plain: false,
    keepThinking: true,
  };

  return withRepair(form, repairForm, (request, options, current) =>
    runStream(context, {
      request,
      options,
      reader: createOpenaiReader(newId, thinking),
      open: async (call) => {
        const client = new OpenAI({
          // The SDK insists on a key; an endpoint without one gets no header at all.
          apiKey: apiKey || 'none',
          ...(apiKey === '' ? { defaultHeaders: { authorization: null } } : {}),
          baseURL,
          organization: null,
          project: null,
          fetch: call.fetch,
          maxRetries: 0,
          logLevel: 'off',
          timeout: options.timeoutMs,
        });
        const body = toOpenaiBody(request, vendor, current);
        return client.chat.completions.create(body, { signal: call.signal });
      },
      whole: wholeReply,
      streamError: (problem) =>
        problem instanceof APIError && problem.error ? { error: problem.error } : undefined,
    }),
  );
}

/** How the form changes after a refusal, or `undefined` when it is already so. */
function repairForm(form: OpenaiForm, repair: Repair): OpenaiForm | undefined {
  switch (repair) {
    case 'limit_name':
      return { ...form, limitName: form.limitName === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' };
    case 'no_stream_options':
      return form.streamOptions ? { ...form, streamOptions: false } : undefined;
    case 'no_thinking':
      return form.keepThinking ? { ...form, keepThinking: false } : undefined;
    case 'plain_history':
      return form.plain ? undefined : { ...form, plain: true, keepThinking: false };
    default:
      return undefined;
  }
}

/** A `chat.completion` from a server that does not stream although it was asked to. */
function wholeReply(body: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null || !('choices' in parsed)) return undefined;
    return Array.isArray(parsed.choices) ? parsed : undefined;
  } catch (problem) {
    if (problem instanceof SyntaxError) return undefined;
    throw problem;
  }
}
