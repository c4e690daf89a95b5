import type { ProviderConfig } from '../factory/model/money/finance.ts';
import type { ModelRequest } from '../factory/ports.ts';
import { type EffortForm, withEffort, withoutEffort } from './effort.ts';
import { isOpenai, isOpenrouter, responsesVendor } from './endpoint.ts';
import type { Repair } from './failure-rows/row.ts';
import { openaiClient, openaiStreamError, openaiWhole } from './openai-client.ts';
import { createRepairing, type RepairingAdapter } from './repair.ts';
import { type CallContext, runStream } from './run-stream.ts';
import { createEitherReader } from './wire/either-stream.ts';
import { type ResponsesForm, toResponsesBody } from './wire/responses.ts';
import { reasoningKey } from './wire/responses-items.ts';

/**
 * OpenAI's Responses, and every endpoint that speaks it: Azure, LiteLLM, OpenRouter, vLLM.
 *
 * Always streams and stores nothing at the vendor. What one repair taught about the endpoint is kept for the adapter's life.
 */
export function createResponsesAdapter(
  provider: ProviderConfig,
  apiKey: string,
  context: CallContext,
  newId: () => string,
): RepairingAdapter {
  const vendor = responsesVendor(provider);
  const { facts } = context;
  const effort = provider.effort && facts.efforts[provider.effort];
  const form: Form = {
    takesEffort: true,
    // One that is not known is asked for its reasoning: a refusal costs nothing, reasoning that is lost does.
    keepThinking: facts.thinking !== 'none' || facts.assumed.includes('thinking'),
    ...(effort === undefined ? {} : { effort }),
    stream: true,
    cacheKey: isOpenai(provider),
    parallelCalls: true,
    toolChoice: true,
    plain: false,
    refused: new Set(),
  };

  return createRepairing(form, repairForm, (request, options, current) =>
    runStream(context, {
      request,
      options,
      silent: !current.stream,
      reader: createEitherReader(newId, {
        vendor,
        model: request.model,
        always: facts.thinking === 'always',
        charges: isOpenrouter(provider),
      }),
      open: async (call) => {
        const client = openaiClient(provider, apiKey, 'responses', call, options.timeoutMs);
        // The SDK's types of `responses.create` know neither the items nor the efforts of other vendors.
        return client.post<AsyncIterable<unknown>>('/responses', {
          body: toResponsesBody(request, vendor, withEffort(current, request, facts)),
          stream: current.stream,
          signal: call.signal,
        });
      },
      whole: openaiWhole,
      streamError: openaiStreamError,
    }),
  );
}

interface Form extends ResponsesForm, EffortForm {}

/** How the form changes after a refusal, or `undefined` when it is already so. */
function repairForm(form: Form, repair: Repair, request: ModelRequest): Form | undefined {
  switch (repair) {
    case 'no_thinking':
      return form.keepThinking ? { ...form, keepThinking: false } : undefined;
    case 'foreign_thinking':
      return { ...form, refused: new Set([...form.refused, ...reasoningKeys(request)]) };
    case 'thinking_mode':
    case 'no_effort':
      return withoutEffort(form, request);
    case 'no_stream':
      return form.stream ? { ...form, stream: false } : undefined;
    case 'no_cache_key':
      return form.cacheKey ? { ...form, cacheKey: false } : undefined;
    case 'no_parallel_calls':
      return form.parallelCalls ? { ...form, parallelCalls: false } : undefined;
    case 'no_tool_choice':
      return form.toolChoice ? { ...form, toolChoice: false } : undefined;
    case 'plain_history':
      return form.plain ? undefined : { ...form, plain: true };
    default:
      return undefined;
  }
}

function reasoningKeys({ messages }: ModelRequest): string[] {
  const parts = messages.flatMap((message) => (message.role === 'assistant' ? message.parts : []));
  return parts.flatMap((part) => {
    const key = part.type === 'thinking' ? reasoningKey(part.data) : undefined;
    return key === undefined ? [] : [key];
  });
}
