import { expect, test } from 'vitest';
import { AGENT_TOOLS } from '../../src/factory/lifecycle/steps/agent-tools.ts';
import type { AssistantMessage, ChatMessage } from '../../src/factory/model/message.ts';
import type { ProviderConfig } from '../../src/factory/model/money/finance.ts';
import type { ModelCallOptions } from '../../src/factory/ports.ts';
import { createModels } from '../../src/llm/models.ts';
import { failed, KEY, patient, providerAt, replied, requestFor, type TestVendor } from '../llm/support.ts';
import {
  type Answer,
  call,
  calls,
  type Fault,
  modelForTest,
  type ScriptedModelOptions,
} from '../support/model.ts';

export interface Adapter {
  vendor: TestVendor;
  fields?: Partial<ProviderConfig>;
  server?: Partial<ScriptedModelOptions>;
}

const TOOLS = AGENT_TOOLS.map(({ spec }) => spec);

/** What every adapter promises, whatever it speaks. */
export function modelsContract({ vendor, fields, server: options }: Adapter): void {
  /** A strict server that answers so, and an adapter for it, whose requests carry the tools of the work. */
  async function meet(script: ScriptedModelOptions['script'], more: Partial<ScriptedModelOptions> = {}) {
    const server = await modelForTest({ script, ...options, ...more });
    const provider = providerAt(server, vendor, fields);
    const adapter = await createModels().adapterFor(provider, KEY);
    const ask = (messages?: readonly ChatMessage[], limits: Partial<ModelCallOptions> = {}) => {
      const request = requestFor(provider, messages, { tools: TOOLS, cacheKey: 'df-contract' });
      return adapter.complete({ ...request, maxOutputTokens: 8_000 }, patient(limits));
    };
    return { server, ask };
  }

  const answers = async (answer: Answer) => {
    const { server, ask } = await meet(() => answer);
    const reply = replied(await ask());
    expect(reply.usage).toEqual(server.ledger.at(-1)?.usage);
    return reply;
  };
  const fails = async (fault: Fault, limits: Partial<ModelCallOptions> = {}) => {
    const { ask } = await meet(() => ({ text: 'a rather long answer '.repeat(20) }), { faults: [{ fault }] });
    return failed(await ask(undefined, limits));
  };

  test('says what the model says, and what it cost', async () => {
    const reply = await answers({ text: 'Grüße 👋\n„€“' });
    expect(reply).toMatchObject({
      stop: 'end',
      message: { parts: [{ type: 'text', text: 'Grüße 👋\n„€“' }] },
    });
  });

  test('brings a call, and several at once, each with an id of its own', async () => {
    const asked = ['ls "ä"', 'pwd', 'pwd'];
    for (const commands of [asked.slice(0, 1), asked]) {
      const made = commands.map((command): [string, Record<string, unknown>] => ['bash', { command }]);
      const reply = await answers({ text: 'I look.', ...calls(...made) });
      expect(reply.stop).toBe('tool_calls');
      const parts = reply.message.parts.filter((part) => part.type === 'tool_call');
      expect(parts.map((part) => [part.name, JSON.parse(part.arguments)])).toEqual(made);
      expect(new Set(parts.map((part) => part.id)).size).toBe(commands.length);
    }
  });

  test('carries what the model thought back to it through calls, and never says it as text', async () => {
    const thought = (turn: number) => `a thought that is number ${turn}`;
    const { server, ask } = await meet((turn) => ({
      thinking: thought(turn.assistantTurns),
      ...calls(['bash', { command: 'ls' }], ['bash', { command: 'pwd' }]),
    }));
    const messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
    for (let turn = 0; turn < 3; turn += 1) {
      const { message } = replied(await ask(messages));
      // What a crash and a restart leave of it.
      messages.push(JSON.parse(JSON.stringify(message)), ...ran(message));
      expect(message.parts.filter((part) => part.type === 'text')).toEqual([]);
    }
    replied(await ask(messages));
    expect(server.ledger).toHaveLength(4);
    const kept = messages.flatMap((message) => (message.role === 'assistant' ? [thinkingIn(message)] : []));
    for (const each of kept) expect(each).not.toEqual([]);
    const last = new Set(stringsIn(server.requests.at(-1)?.body));
    for (const data of kept) for (const text of stringsIn(data)) expect(last).toContain(text);
  });

  test('says that a reply is cut, with half a call in it', async () => {
    const reply = await answers({ ...call('bash', '{"command": "rm -rf bui'), stop: 'max_tokens' });
    expect(reply.stop).toBe('max_tokens');
    for (const part of reply.message.parts) {
      expect(() => part.type === 'tool_call' && JSON.parse(part.arguments)).toThrow(SyntaxError);
    }
  });

  test('says that the model refuses', async () => {
    const reply = await answers({ text: 'I will not.', stop: 'refusal' });
    expect(reply).toMatchObject({ stop: 'refusal', message: { parts: [{ text: 'I will not.' }] } });
    expect((await answers({ stop: 'refusal' })).stop).toBe('refusal');
  });

  test('gives no part of a reply that ends in an error', async () => {
    for (const kind of ['overloaded', 'failed'] as const) {
      expect(await fails({ fault: 'error_event', kind })).toMatchObject({
        kind: 'outage',
        perhapsBilled: true,
      });
    }
    expect(await fails({ fault: 'cut' })).toMatchObject({ kind: 'outage', perhapsBilled: true });
  });

  test('ends when nothing comes any more', async () => {
    const limits = { idleTimeoutMs: 200, ...(fields?.adapter ? { timeoutMs: 200 } : {}) };
    for (const at of ['start', 'events'] as const) {
      const failure = await fails({ fault: 'hang', at }, limits);
      expect(failure).toMatchObject({ kind: 'outage', perhapsBilled: true });
    }
  });

  test('brings a huge reply whole', async () => {
    const text = 'ä word, '.repeat(100_000);
    const content = 'a line\n'.repeat(100_000);
    const reply = await answers({ text, ...call('write_file', { path: 'a', content }) });
    const [said, made] = reply.message.parts;
    expect(said?.type === 'text' && said.text === text).toBe(true);
    expect(made?.type === 'tool_call' && JSON.parse(made.arguments).content === content).toBe(true);
  });

  test('ends when its owner stops it', async () => {
    const { server, ask } = await meet(() => ({ text: 'x', delayMs: 60_000 }));
    const owner = new AbortController();
    const outcome = ask(undefined, { signal: owner.signal });
    await expect.poll(() => server.ledger.length).toBe(1);
    owner.abort();
    expect(failed(await outcome)).toMatchObject({ kind: 'aborted', perhapsBilled: true });
  });
}

const ran = (message: AssistantMessage): ChatMessage[] =>
  message.parts.flatMap((part) =>
    part.type === 'tool_call'
      ? [{ role: 'tool', callId: part.id, name: part.name, output: 'a', isError: false }]
      : [],
  );

/** What only the vendor understands: its thinking, and signatures of it that stand beside the calls. */
const thinkingIn = (message: AssistantMessage): unknown[] =>
  message.parts.flatMap((part) => {
    if (part.type === 'thinking') return [part.data];
    return part.type === 'tool_call' && part.opaque ? [part.opaque.data] : [];
  });

/** Every text in it, at any depth. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
