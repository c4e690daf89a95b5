import { describe, expect, test } from 'vitest';
import type { AssistantMessage, ChatMessage } from '../../src/factory/model/message.ts';
import type { ProviderConfig } from '../../src/factory/model/money/finance.ts';
import { createModels } from '../../src/llm/models.ts';
import { modelForTest, sequence } from '../support/model.ts';
import type { Script, ScriptedModelOptions } from '../support/model-server/index.ts';
import { KEY, patient, providerAt, replied, requestFor } from './support.ts';

const ADAPTIVE = 'claude-opus-4-6';
const BUDGET = 'claude-sonnet-4-5';

const ran = (message: AssistantMessage): ChatMessage[] =>
  message.parts.flatMap((part) =>
    part.type === 'tool_call'
      ? [{ role: 'tool', callId: part.id, name: part.name, output: `ran ${part.arguments}`, isError: false }]
      : [],
  );
const bash = (command: string) => ({ call: { name: 'bash', arguments: { command } } });

/** A strict server, and a conversation with it that grows by each reply and the results of its calls. */
async function conversation(
  script: Script,
  fields: Partial<ProviderConfig> = {},
  options: Partial<ScriptedModelOptions> = {},
) {
  const server = await modelForTest({ script, ...options });
  const models = createModels();
  const provider = providerAt(server, 'anthropic', fields);
  const messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
  const ask = async (over: Parameters<typeof requestFor>[2] = { maxOutputTokens: 8_000 }, who = provider) => {
    const adapter = await models.adapterFor(who, KEY);
    return adapter.complete(requestFor(who, messages, over), patient());
  };
  return {
    server,
    provider,
    messages,
    ask,
    bodies: () => server.requests.map(({ body }) => body as Record<string, unknown>),
    async turn(...how: Parameters<typeof ask>) {
      const reply = replied(await ask(...how));
      messages.push(reply.message, ...ran(reply.message));
      return reply;
    },
  };
}

describe('thinking of Anthropic', () => {
  test.each([
    [ADAPTIVE, 8_000, { type: 'adaptive' }],
    [BUDGET, 8_000, { type: 'enabled', budget_tokens: 4_000 }],
    [BUDGET, 64_000, { type: 'enabled', budget_tokens: 10_240 }],
    [BUDGET, 2_047, undefined],
    [BUDGET, 16, undefined],
    ['claude-3-5-haiku', 8_000, undefined],
  ])('of %s within %i tokens is asked for as %j', async (model, maxOutputTokens, thinking) => {
    const talk = await conversation(() => ({ text: 'x' }), { model });
    await talk.turn({ maxOutputTokens });
    expect(talk.bodies()[0]?.thinking).toEqual(thinking);
  });

  test.each([
    [ADAPTIVE, 'low', { effort: 'low' }],
    [ADAPTIVE, 'max', { effort: 'max' }],
    [ADAPTIVE, 'minimal', undefined],
    [BUDGET, 'high', undefined],
  ] as const)('of %s with the effort %s has the output config %j', async (model, effort, config) => {
    const talk = await conversation(() => ({ text: 'x' }), { model, effort });
    await talk.turn();
    expect(talk.bodies()[0]?.output_config).toEqual(config);
  });

  test.each([
    ['minimal', 1_024],
    ['low', 4_096],
    ['high', 20_480],
    ['max', 32_000],
  ] as const)('has a budget that the effort %s chooses: %i tokens', async (effort, budget) => {
    const talk = await conversation(() => ({ text: 'x' }), { model: BUDGET, effort });
    await talk.turn({ maxOutputTokens: 64_000 });
    expect(talk.bodies()[0]?.thinking).toMatchObject({ budget_tokens: budget });
  });

  test.each([ADAPTIVE, BUDGET])(
    'of %s goes back word for word and in place, several blocks and redacted ones among the calls',
    async (model) => {
      const blocks = [
        { thinking: 'First ünd "quoted"\n' },
        { redacted: 'hidden' },
        { text: 'I look.' },
        { thinking: 'Then' },
        bash('ls'),
        { thinking: '' },
        bash('cat a'),
      ];
      const talk = await conversation(sequence([{ blocks }, { thinking: 'done', text: 'Done.' }]), { model });
      await talk.turn();
      await talk.turn();
      const sent = talk.bodies()[1] as { messages: { content: { type: string; thinking?: string }[] }[] };
      expect(sent.messages[1]?.content.map(({ type, thinking }) => thinking ?? type)).toEqual([
        ...['First ünd "quoted"\n', 'redacted_thinking', 'text', 'Then', 'tool_use', '', 'tool_use'],
      ]);
      expect(talk.server.requests.map(({ status }) => status)).toEqual([200, 200]);
    },
  );

  test('that was cut off before it was signed does not go back', async () => {
    const talk = await conversation(
      sequence([
        {
          blocks: [
            { thinking: 'a' },
            { text: 'so' },
            { raw: { type: 'thinking', thinking: 'cu', signature: '' } },
          ],
          stop: 'max_tokens',
        },
        { text: 'x' },
      ]),
    );
    await talk.turn();
    await talk.turn();
    expect(talk.server.requests.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('is on again right after turns of another model, whose calls are told for one request', async () => {
    const talk = await conversation(
      sequence([
        { thinking: 'mine', blocks: [bash('ls')] },
        { blocks: [{ thinking: 'b' }, bash('b')] },
        { blocks: [{ thinking: 'c' }, bash('c')] },
      ]),
      { model: BUDGET },
    );
    await talk.turn(undefined, { ...talk.provider, model: 'claude-3-5-haiku' });
    for (const _turn of [1, 2, 3]) await talk.turn();
    expect(talk.bodies().map((body) => body.thinking !== undefined)).toEqual([false, true, true, true]);
    expect(talk.server.requests.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(JSON.stringify(talk.bodies()[1])).toContain('called bash');
    expect(JSON.stringify(talk.bodies()[2])).not.toContain('called bash');
  });

  test('is off where a call must be made, for both do not go together', async () => {
    const forced = { maxOutputTokens: 8_000, toolRequired: true };
    const thinks = await conversation(() => ({ text: 'x' }), { model: ADAPTIVE });
    await thinks.turn(forced);
    expect(thinks.bodies()[0]).not.toHaveProperty('tool_choice');
    const plain = await conversation(() => ({ text: 'x' }), { model: 'claude-3-5-haiku' });
    await plain.turn(forced);
    expect(plain.bodies()[0]).toMatchObject({ tool_choice: { type: 'any' } });
  });
});

describe('an endpoint or an older model', () => {
  test.each([
    ['knows budgets alone', ADAPTIVE, { thinking: ['enabled'] as const }, [400, 200, 200]],
    ['knows adaptive thinking alone', BUDGET, { thinking: ['adaptive'] as const }, [400, 200, 200]],
    ['knows no thinking', ADAPTIVE, { thinking: [] }, [400, 400, 200, 200]],
    ['knows no effort', ADAPTIVE, { efforts: [] }, [400, 200, 200]],
    ['knows neither', ADAPTIVE, { thinking: [], efforts: [] }, [400, 400, 400, 200, 200]],
  ])('A98 that %s is asked as it likes, and that is remembered', async (_what, model, takes, statuses) => {
    const talk = await conversation(() => ({ text: 'x' }), { model, effort: 'high' }, takes);
    await talk.turn();
    await talk.turn();
    expect(talk.server.requests.map(({ status }) => status)).toEqual(statuses);
  });

  test.each([
    ['a changed signature', { type: 'thinking', thinking: 'hm', signature: 'sig_other' }],
    ['a changed redacted block', { type: 'redacted_thinking', data: 'aa.bb' }],
  ])('that refuses %s gets the turn without it', async (_what, data) => {
    const talk = await conversation(() => ({ text: 'x' }), { model: BUDGET });
    const { provider, messages } = talk;
    const vendor = `anthropic:${new URL(provider.baseUrl ?? '').host}`;
    messages.push(
      {
        role: 'assistant',
        parts: [
          { type: 'thinking', vendor, model: BUDGET, data },
          { type: 'tool_call', id: 'toolu_0123456789abcdef', name: 'bash', arguments: '{}' },
        ],
      },
      { role: 'tool', callId: 'toolu_0123456789abcdef', name: 'bash', output: 'ok', isError: false },
    );
    await talk.turn();
    expect(talk.server.requests.map(({ status }) => status)).toEqual([400, 200]);
  });
});

test('an endpoint that wants every turn to begin with thinking has turns of other models told, and that is remembered', async () => {
  const message =
    'messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block.';
  const body = JSON.stringify({ type: 'error', error: { type: 'invalid_request_error', message } });
  const talk = await conversation(({ assistantTurns }) => ({ blocks: [bash(`run ${assistantTurns}`)] }), {
    model: ADAPTIVE,
  });
  const other = { ...talk.provider, model: 'claude-3-5-haiku' };
  talk.server.setFaults([{ requests: [1], fault: { fault: 'http', status: 400, body } }]);
  await talk.turn(undefined, other);
  await talk.turn();
  await talk.turn(undefined, other);
  await talk.turn();
  expect(talk.server.requests.map(({ status }) => status)).toEqual([200, 400, 200, 200, 200]);
  const bodies = talk.bodies().map((each) => JSON.stringify(each));
  expect(bodies.map((each) => each.includes('called bash'))).toEqual([false, false, true, false, true]);
  expect(bodies[4]?.split('run 0 ').length).toBe(bodies[4]?.split('run 2 ').length);
});

describe('why Anthropic stopped', () => {
  test('a paused turn goes back as it is, with what its own tools did, and nothing after it', async () => {
    const used = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'q' } };
    const talk = await conversation(
      sequence([{ blocks: [{ thinking: 'hm' }, { raw: used }], stop: 'paused' }, { text: 'Found.' }]),
    );
    expect((await talk.turn()).stop).toBe('paused');
    await talk.turn();
    const { messages } = talk.bodies()[1] as { messages: { role: string; content: unknown[] }[] };
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(messages[1]?.content).toMatchObject([{ type: 'thinking' }, used]);
  });

  test('a paused turn is an ordinary one for another model', async () => {
    const talk = await conversation(sequence([{ text: 'I search', stop: 'paused' }, { text: 'Found.' }]));
    await talk.turn();
    await talk.turn(undefined, { ...talk.provider, model: BUDGET });
    const { messages } = talk.bodies()[1] as { messages: { role: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  test.each(['context', 'max_tokens', 'refusal', 'end'] as const)('%s is told', async (stop) => {
    const talk = await conversation(() => ({ text: 'so far', stop }));
    expect((await talk.turn()).stop).toBe(stop);
  });
});
