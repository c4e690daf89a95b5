import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../src/factory/model/message.ts';
import type { ProviderConfig } from '../../src/factory/model/money/finance.ts';
import { createModels } from '../../src/llm/models.ts';
import { modelForTest } from '../support/model.ts';
import type { Answer, ScriptedModel, ScriptedModelOptions } from '../support/model-server/index.ts';
import { KEY, patient, providerAt, replied, requestFor, type TestVendor } from './support.ts';

/** Endpoints as strict as the real ones, each with a model that thinks. */
const ENDPOINTS: Record<
  string,
  { vendor: TestVendor; model: string; server?: Partial<ScriptedModelOptions> }
> = {
  responses: { vendor: 'responses', model: 'gpt-5.1' },
  chat: { vendor: 'openai', model: 'gpt-4.1' },
  'anthropic, adaptive': { vendor: 'anthropic', model: 'claude-opus-4-6' },
  'anthropic, budget': { vendor: 'anthropic', model: 'claude-sonnet-4-5' },
  openrouter: { vendor: 'custom', model: 'vendor/model', server: { dialect: 'openrouter' } },
  gemini: { vendor: 'custom', model: 'gemini-3-pro', server: { dialect: 'gemini' } },
  deepseek: { vendor: 'custom', model: 'deepseek-reasoner', server: { dialect: 'deepseek' } },
  kimi: { vendor: 'custom', model: 'kimi-k2-thinking', server: { dialect: 'kimi' } },
};
const NAMES = Object.keys(ENDPOINTS);

interface Side {
  name: string;
  server: ScriptedModel;
  provider: ProviderConfig;
}

/** Says who speaks, when, and thinks of it a secret. */
function said(name: string, at: number): Answer {
  const thinking = `secret thought ${at} of ${name}`;
  if (at === 5) return { thinking, text: `end by ${name}` };
  const call = { name: 'bash', arguments: { command: `run ${at} by ${name}` } };
  const toolCalls = at === 2 ? [call, { ...call, arguments: { command: `also ${at} by ${name}` } }] : [call];
  // Not every turn with calls says a word, and not every model thinks each time.
  return {
    ...(at === 3 ? {} : { thinking }),
    ...(at === 4 ? {} : { text: `word ${at} by ${name}` }),
    toolCalls,
  };
}

async function side(name: string): Promise<Side> {
  const { vendor, model, server: options = {} } = ENDPOINTS[name] ?? { vendor: 'custom', model: '' };
  const server = await modelForTest({ script: (turn) => said(name, turn.assistantTurns), ...options });
  return { name, server, provider: providerAt(server, vendor, { id: name.replaceAll(/\W+/g, '-'), model }) };
}

/** A conversation that the sides take in turns; gives what each message said and what of it only its own side can read. */
async function worked(order: readonly Side[], between: (at: number) => ChatMessage[] = () => []) {
  const models = createModels();
  const messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
  for (const [at, { provider }] of order.entries()) {
    const adapter = await models.adapterFor(provider, KEY);
    const request = requestFor(provider, messages, { maxOutputTokens: 8_000 });
    const reply = replied(await adapter.complete(request, patient()));
    messages.push(reply.message);
    for (const part of reply.message.parts) {
      if (part.type !== 'tool_call') continue;
      const output = `result of ${part.arguments}`;
      messages.push({ role: 'tool', callId: part.id, name: part.name, output, isError: false });
    }
    messages.push(...between(at));
  }
  return messages;
}

const last = ({ server }: Side) => JSON.stringify(server.requests.at(-1)?.body);
const refusals = ({ server }: Side) => server.requests.filter(({ status }) => status !== 200).length;
const times = (text: string, words: string) => text.split(words).length - 1;

/** All texts in a value that are long enough to be told from words of the format. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 12 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => (name === 'type' ? [] : textsIn(inner)));
}

function secretsOf(messages: readonly ChatMessage[], index: number): string[] {
  const message = messages.filter(({ role }) => role === 'assistant')[index];
  if (message?.role !== 'assistant') return [];
  return message.parts.flatMap((part) => {
    if (part.type === 'thinking') return textsIn(part.data);
    return part.type === 'tool_call' ? textsIn(part.opaque?.data) : [];
  });
}

describe('a switch in the middle of the work', () => {
  const pairs = NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const));

  test.each(pairs)(
    'A94 from %s to %s and back loses nothing, says nothing twice and shows no secret',
    async (from, to) => {
      const [one, other] = [await side(from), await side(to)];
      const order = [one, one, other, other, one, other];
      const messages = await worked(order);
      for (const [index, speaker] of order.slice(0, -1).entries()) {
        const seen = last(other);
        const words = index === 4 ? `run 4 by ${speaker.name}` : `word ${index} by ${speaker.name}`;
        expect(times(seen, words)).toBe(index === 4 ? 2 : 1);
        expect(times(seen, `run ${index} by ${speaker.name}`)).toBe(2);
        const strangers = speaker === one ? other : one;
        const bodies = strangers.server.requests.map(({ body }) => JSON.stringify(body)).join('\n');
        expect(bodies).not.toContain(`of ${speaker.name}`);
        for (const secret of secretsOf(messages, index)) {
          expect(bodies).not.toContain(JSON.stringify(secret).slice(1, -1));
        }
      }
      // What an endpoint wants is learnt once, not refused with every request.
      for (const each of [one, other]) expect(refusals(each)).toBeLessThanOrEqual(2);
    },
  );
});

describe('what only a vendor can read', () => {
  test.each(NAMES.filter((name) => name !== 'chat'))(
    'goes back to %s unchanged within its own turn',
    async (name) => {
      const own = await side(name);
      const messages = await worked([own, own, own, own, own]);
      // A turn without a thought is one that some refuse once.
      expect(refusals(own)).toBeLessThanOrEqual(name === 'deepseek' || name === 'kimi' ? 1 : 0);
      const seen = last(own);
      const secrets = secretsOf(messages, 0);
      expect(secrets.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(seen).toContain(JSON.stringify(secret).slice(1, -1));
    },
  );

  test.each([
    ['another model of it', (provider: ProviderConfig) => ({ ...provider, model: `${provider.model}-mini` })],
    [
      'the same model at another address',
      (provider: ProviderConfig) => ({
        ...provider,
        baseUrl: provider.baseUrl?.replace('127.0.0.1', 'localhost') ?? '',
      }),
    ],
  ])('is not shown to %s', async (_whom, changed) => {
    for (const name of NAMES.filter((each) => each !== 'chat')) {
      const own = await side(name);
      const other = { ...own, provider: changed(own.provider) };
      const messages = await worked([own, other]);
      const seen = JSON.stringify(own.server.requests.at(-1)?.body);
      expect(seen).not.toContain('secret thought');
      const secrets = secretsOf(messages, 0);
      expect(secrets.length).toBeGreaterThan(0);
      for (const secret of secrets) expect(seen).not.toContain(secret);
    }
  });

  test('is told as text where not even the stand-in for it is taken', async () => {
    const body = JSON.stringify({ error: { code: 400, message: 'Thought signature is not valid.' } });
    const [other, own] = [await side('chat'), await side('gemini')];
    own.server.setFaults([{ requests: [1], fault: { fault: 'http', status: 400, body } }]);
    await worked([other, own, other, own]);
    expect(own.server.requests.map(({ status }) => status)).toEqual([400, 400, 200, 200]);
    expect(last(own)).toContain('called bash with');
    expect(last(own)).toContain('thought_signature');
  });

  test('is no longer sent to a server that shows it and does not know it', async () => {
    const body = JSON.stringify({
      error: { message: "messages[1]: property 'reasoning_content' is unsupported" },
    });
    const own = await side('kimi');
    const times = own.server.requests.length;
    own.server.setScript(({ assistantTurns: at }) => ({ ...said('kimi', at), toolCalls: [] }));
    own.server.setFaults([{ requests: [times + 1, times + 2], fault: { fault: 'http', status: 400, body } }]);
    await worked([own, own, own], () => [{ role: 'user', text: 'and?' }]);
    expect(own.server.requests.map(({ status }) => status)).toEqual([200, 400, 400, 200, 200]);
    expect(last(own)).not.toContain('reasoning_content');
  });

  test('is not wanted any more after the user spoke, by a model that refuses it then', async () => {
    const server = await modelForTest({
      dialect: 'deepseek-r1',
      script: ({ assistantTurns: at }) => ({ thinking: 'hm', text: `word ${at}` }),
    });
    const provider = providerAt(server, 'custom', { model: 'deepseek-r1' });
    const own = { name: 'r1', server, provider };
    await worked([own, own, own, own], () => [{ role: 'user', text: 'and?' }]);
    expect(server.requests.map(({ status }) => status)).toEqual([200, 400, 200, 200, 200]);
  });
});
