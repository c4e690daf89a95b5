/** An adapter file as an owner writes one: chat completions without a stream, in the agreed form. */
const STOP = { stop: 'end', tool_calls: 'tool_calls', length: 'max_tokens', content_filter: 'refusal' };

function toMessages(message) {
  if (message.role === 'user') return [{ role: 'user', content: message.text }];
  if (message.role === 'tool') {
    return [{ role: 'tool', tool_call_id: message.callId, content: message.output }];
  }
  const of = (type) => message.parts.filter((part) => part.type === type);
  const calls = of('tool_call').map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }));
  const content = of('text').map((part) => part.text);
  return [
    {
      role: 'assistant',
      content: content.join('\n'),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...Object.assign({}, ...of('thinking').map((part) => part.data)),
    },
  ];
}

export default function createAdapter({ model, apiKey, baseUrl }) {
  async function complete(request, { signal }) {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model,
        max_tokens: request.maxOutputTokens,
        messages: [{ role: 'system', content: request.system }, ...request.messages.flatMap(toMessages)],
        tools: request.tools.map((each) => ({ type: 'function', function: each })),
      }),
      signal,
    });
    const body = await response.json();
    const { message, finish_reason: finish } = body.choices[0];
    const parts = (message.tool_calls ?? []).map(({ id, function: made }) => ({
      type: 'tool_call',
      id,
      name: made.name,
      arguments: made.arguments,
    }));
    if (message.content) parts.unshift({ type: 'text', text: message.content });
    const { reasoning_content } = message;
    if (reasoning_content) {
      parts.unshift({ type: 'thinking', vendor: 'file', model, data: { reasoning_content } });
    }
    const cacheRead = body.usage.prompt_tokens_details.cached_tokens;
    const input = body.usage.prompt_tokens - cacheRead;
    const usage = { input, cacheRead, cacheWrite: 0, output: body.usage.completion_tokens };
    return { ok: true, message: { role: 'assistant', parts }, usage, stop: STOP[finish] };
  }
  return { complete };
}
