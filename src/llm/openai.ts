import type { ProviderConfig } from '../factory/model/money/finance.ts';
import type { ModelAdapter, ModelRequest } from '../factory/ports.ts';
import { type EffortForm, withEffort, withoutEffort } from './effort.ts';
import { idRule, isOpenai, isOpenrouter, limitName, thinkingVendor } from './endpoint.ts';
import type { Repair } from './failure-rows/row.ts';
import { openaiClient, openaiStreamError, openaiWhole } from './openai-client.ts';
import { createResponsesAdapter } from './openai-responses.ts';
import { createRepairing, type RepairingAdapter, withOtherApi } from './repair.ts';
import { type CallContext, runStream } from './run-stream.ts';
import { type OpenaiForm, toOpenaiBody } from './wire/openai.ts';
import { createOpenaiReader } from './wire/openai-stream.ts';

/**
 * OpenAI, and every endpoint that speaks one of its two interfaces. The one that the owner or the table of models names is asked
 * first; an endpoint, or a model, that wants the other one says so in a refusal.
 */
export function createOpenaiAdapter(
  provider: ProviderConfig,
  apiKey: string,
  context: CallContext,
  newId: () => string,
): ModelAdapter {
  const chat = createChatAdapter(provider, apiKey, context, newId);
  const responses = createResponsesAdapter(provider, apiKey, context, newId);
  return context.facts.api === 'responses'
    ? withOtherApi(responses, chat, 'chat')
    : withOtherApi(chat, responses, 'responses');
}

/**
 * Chat completions: Ollama, vLLM, OpenRouter, LiteLLM, older models of OpenAI, and so on.
 *
 * Always streams and asks for usage. What one repair taught about the endpoint is kept for the adapter's life.
 */
function createChatAdapter(
  provider: ProviderConfig,
  apiKey: string,
  context: CallContext,
  newId: () => string,
): RepairingAdapter {
  const vendor = thinkingVendor(provider);
  const effort = provider.effort && context.facts.efforts[provider.effort];
  const form: Form = {
    takesEffort: true,
    limitName: limitName(provider),
    stream: true,
    streamOptions: true,
    ...(effort === undefined ? {} : { effort }),
    cacheKey: isOpenai(provider),
    toolChoice: true,
    ids: idRule(provider),
    plain: false,
    keepThinking: true,
    wants: 'nothing',
    lacking: 'stand_in',
    thisTurnOnly: false,
  };

  return createRepairing(form, repairForm, (request, options, current) =>
    runStream(context, {
      request,
      options,
      silent: !current.stream,
      reader: createOpenaiReader(newId, { vendor, model: request.model }, isOpenrouter(provider)),
      open: async (call) => {
        const client = openaiClient(provider, apiKey, 'chat', call, options.timeoutMs);
        // The SDK's types of `chat.completions.create` do not know the efforts of other vendors.
        return client.post<AsyncIterable<unknown>>('/chat/completions', {
          body: toOpenaiBody(request, vendor, withEffort(current, request, context.facts)),
          stream: current.stream,
          signal: call.signal,
        });
      },
      whole: openaiWhole,
      streamError: openaiStreamError,
    }),
  );
}

interface Form extends OpenaiForm, EffortForm {}

function wanting(form: Form, wants: 'signature' | 'reasoning'): Form | undefined {
  if (form.wants !== wants) return { ...form, wants, lacking: 'stand_in' };
  return form.lacking === 'stand_in' ? { ...form, lacking: 'told' } : undefined;
}

/** How the form changes after a refusal, or `undefined` when it is already so. */
function repairForm(form: Form, repair: Repair, request: ModelRequest): Form | undefined {
  switch (repair) {
    case 'limit_name':
      return { ...form, limitName: form.limitName === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' };
    case 'no_stream':
      return form.stream ? { ...form, stream: false } : undefined;
    case 'no_stream_options':
      return form.streamOptions ? { ...form, streamOptions: false } : undefined;
    case 'no_thinking':
      if (!form.keepThinking) return undefined;
      return form.thisTurnOnly
        ? { ...form, keepThinking: false, wants: 'nothing' }
        : { ...form, thisTurnOnly: true };
    case 'fill_signature':
      return wanting(form, 'signature');
    case 'fill_reasoning':
      return wanting(form, 'reasoning');
    case 'bad_signature':
      // Refused may be the stand-in, or what another key or region was given.
      if (form.wants === 'signature' && form.lacking === 'stand_in') return { ...form, lacking: 'told' };
      return form.keepThinking ? { ...form, keepThinking: false, wants: 'signature' } : undefined;
    // Asked for an effort, some say that the model does not think.
    case 'thinking_mode':
    case 'no_effort':
      return withoutEffort(form, request);
    case 'no_cache_key':
      return form.cacheKey ? { ...form, cacheKey: false } : undefined;
    case 'no_tool_choice':
      return form.toolChoice ? { ...form, toolChoice: false } : undefined;
    case 'plain_history':
      return form.plain ? undefined : { ...form, plain: true, keepThinking: false };
    default:
      return undefined;
  }
}
