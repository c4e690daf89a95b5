import { describe, expect, test } from 'vitest';
import { thinkingVendor } from '../../src/llm/endpoint.ts';
import { createModels } from '../../src/llm/models.ts';
import { modelForTest } from '../support/model.ts';
import { failed, KEY, patient, providerAt, replied, requestFor } from './support.ts';

const models = createModels();

describe('one repair', () => {
  test('the other name of the output limit is tried and kept', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }), dialect: 'openrouter' });
    const provider = providerAt(server, 'openai', { model: 'some-model' });
    const adapter = await createModels().adapterFor(provider, KEY);
    for (const _time of [1, 2]) replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests.map((request) => request.status)).toEqual([400, 200, 200]);
    expect(server.ledger).toHaveLength(2);
  });

  test('a newer model behind a custom address gets the newer name', async () => {
    const server = await modelForTest({ script: () => ({ text: 'x' }) });
    const provider = providerAt(server, 'custom', { model: 'gpt-5-mini' });
    const adapter = await createModels().adapterFor(provider, KEY);
    replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests.map((request) => request.status)).toEqual([400, 200]);
  });

  test('an output limit that is too high is lowered to what the model allows', async () => {
    const message =
      'max_tokens is too large: 1000. This model supports at most 400 completion tokens, whereas you provided 1000.';
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [
        { times: 1, fault: { fault: 'http', status: 400, body: JSON.stringify({ error: { message } }) } },
      ],
    });
    const provider = providerAt(server, 'openai', { model: 'gpt-4' });
    const adapter = await createModels().adapterFor(provider, KEY);
    for (const _time of [1, 2]) replied(await adapter.complete(requestFor(provider), patient()));
    expect(server.requests.map((request) => request.body)).toMatchObject([
      { max_completion_tokens: 1_000 },
      { max_completion_tokens: 400 },
      { max_completion_tokens: 400 },
    ]);
  });

  test('a refused history is sent once more as plain text', async () => {
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [{ times: 1, fault: { fault: 'malformed_history' } }],
    });
    const provider = providerAt(server, 'anthropic');
    const adapter = await createModels().adapterFor(provider, KEY);
    const request = requestFor(provider, [
      { role: 'user', text: 'go' },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'a', name: 'bash', arguments: '{}' }] },
      { role: 'tool', callId: 'a', name: 'bash', output: 'the output', isError: false },
    ]);
    replied(await adapter.complete(request, patient()));
    const sent = JSON.stringify(server.requests[1]?.body);
    expect(sent).toContain('the output');
    expect(sent).not.toContain('tool_use');
  });

  test('refused thinking is left out', async () => {
    const body = JSON.stringify({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'messages.1.content.0: Invalid `signature` in `thinking` block',
      },
    });
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [{ times: 1, fault: { fault: 'http', status: 400, body } }],
    });
    const provider = providerAt(server, 'anthropic');
    const adapter = await createModels().adapterFor(provider, KEY);
    const data = { type: 'thinking', thinking: 'hm', signature: 'sig' };
    const request = requestFor(provider, [
      { role: 'user', text: 'go' },
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', vendor: thinkingVendor(provider), model: provider.model, data },
          { type: 'text', text: 'I see.' },
        ],
      },
      { role: 'user', text: 'and?' },
    ]);
    replied(await adapter.complete(request, patient()));
    expect(JSON.stringify(server.requests[0]?.body)).toContain('"signature":"sig"');
    expect(JSON.stringify(server.requests[1]?.body)).not.toContain('signature');
  });

  test('is not tried twice', async () => {
    const server = await modelForTest({
      script: () => ({ text: 'x' }),
      faults: [{ fault: { fault: 'malformed_history' } }],
    });
    const provider = providerAt(server, 'openai');
    const adapter = await createModels().adapterFor(provider, KEY);
    expect(failed(await adapter.complete(requestFor(provider), patient())).kind).toBe('malformed');
    expect(server.requests).toHaveLength(2);
  });
});

describe('an endpoint that does not stream', () => {
  test('gives its whole reply', async () => {
    const whole = {
      id: 'x',
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: {
            role: 'assistant',
            content: null,
            tool_calls: [
              { id: '', type: 'function', function: { name: 'bash', arguments: { command: 'ls' } } },
            ],
          },
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
    };
    const server = await modelForTest({
      script: () => ({
        fault: 'http',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(whole),
      }),
    });
    const provider = providerAt(server, 'custom');
    const adapter = await models.adapterFor(provider, KEY);
    const reply = replied(await adapter.complete(requestFor(provider), patient()));
    expect(reply).toMatchObject({ stop: 'tool_calls', usage: { input: 10, output: 2 } });
    expect(reply.message.parts).toMatchObject([{ name: 'bash', arguments: '{"command":"ls"}' }]);
  });
});
