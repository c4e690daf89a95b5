import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ChatMessage } from '../../src/factory/model/message.ts';
import { type ProviderConfig, providerConfig } from '../../src/factory/model/money/finance.ts';
import { createModels } from '../../src/llm/models.ts';
import { type Answer, modelForTest, type Turn } from '../support/model.ts';
import { failed, KEY, patient, replied, requestFor } from './support.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'df-adapter-'));
  await mkdir(join(folder, 'worktrees'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const provider = (adapter: string): ProviderConfig =>
  providerConfig.parse({ id: 'own', name: 'custom', model: 'm', apiKey: '', adapter, free: true });

async function adapterFrom(name: string, source: string) {
  const file = join(folder, name);
  await writeFile(file, source);
  const own = provider(file);
  const models = createModels({ worktreeFolders: [join(folder, 'worktrees'), join(folder, 'not-there')] });
  const adapter = await models.adapterFor(own, KEY);
  return { file, complete: (limits = {}) => adapter.complete(requestFor(own), patient(limits)) };
}

const REPLY = `{ ok: true, message: { role: 'assistant', parts: [{ type: 'text', text: \`\${request.messages[0].text} by \${model}\` }] },
  usage: { input: 3, output: 4 }, stop: 'end' }`;
const whole = (body: string) =>
  `export default ({ model, apiKey }) => ({ async complete(request, options) { ${body} } });`;

test("the owner's adapter answers", async () => {
  const { complete } = await adapterFrom('good.mjs', whole(`return ${REPLY}`));
  const reply = replied(await complete());
  expect(reply.message.parts).toEqual([{ type: 'text', text: 'hi by m' }]);
  expect(reply.usage).toEqual({ input: 3, output: 4, cacheRead: 0, cacheWrite: 0 });
});

test('the example of the documents talks to a server: text, calls, their results, and failures', async () => {
  const page = await readFile('docs/providers.md', 'utf8');
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const script = ({ lastToolResults: [result] }: Turn): Answer =>
    result === undefined
      ? { text: 'Looking.', toolCalls: [{ name: 'bash', arguments: { command: 'ls' } }] }
      : { text: `It said ${result.output}.` };
  const server = await modelForTest({ script, requestsPerMinute: 2, dialect: 'openai' });
  const { file } = await adapterFrom(
    'example.mjs',
    example.replace('https://models.example.com', server.url),
  );
  const own = provider(file);
  const adapter = await createModels().adapterFor(own, KEY);
  const messages: ChatMessage[] = [{ role: 'user', text: 'go' }];
  const ask = () => adapter.complete(requestFor(own, messages), patient());

  const first = replied(await ask());
  expect(first).toMatchObject({
    stop: 'tool_calls',
    message: { parts: [{ text: 'Looking.' }, { name: 'bash' }] },
  });
  expect(first.usage).toEqual(server.ledger[0]?.usage);
  const called = first.message.parts.find((part) => part.type === 'tool_call');
  messages.push(first.message, {
    role: 'tool',
    callId: called?.id ?? '',
    name: 'bash',
    output: 'sum.js',
    isError: false,
  });
  expect(replied(await ask())).toMatchObject({
    stop: 'end',
    message: { parts: [{ text: 'It said sum.js.' }] },
  });
  expect(await ask()).toMatchObject({ ok: false, kind: 'rate', retryAfterMs: expect.any(Number) });
});

test('a failure that it tells comes through, redacted', async () => {
  const { complete } = await adapterFrom(
    'failing.mjs',
    whole(
      "return { ok: false, kind: 'rate', message: 'key ' + apiKey, perhapsBilled: false, retryAfterMs: 5 }",
    ),
  );
  expect(await complete()).toEqual({
    ok: false,
    kind: 'rate',
    message: 'key [redacted]',
    perhapsBilled: false,
    retryAfterMs: 5,
  });
});

test.each([
  ['nothing', '{ input: 0, output: 0 }'],
  ['its words alone', '{ input: 0, output: 7 }'],
])('A155 a reply of which it counts %s is estimated, for it was not free', async (what, usage) => {
  const { complete } = await adapterFrom(
    `counts-${what.replaceAll(' ', '-')}.mjs`,
    whole(`return { ...${REPLY}, usage: ${usage} }`),
  );
  const counted = replied(await complete()).usage;
  expect(counted.input).toBeGreaterThan(0);
  expect(counted.output).toBeGreaterThan(0);
});

test('words that cost no output by its count are estimated beside what it counted', async () => {
  const { complete } = await adapterFrom(
    'counts-no-words.mjs',
    whole(`return { ...${REPLY}, usage: { input: 3, output: 0 } }`),
  );
  const { usage } = replied(await complete());
  expect(usage.input).toBe(3);
  expect(usage.output).toBeGreaterThan(0);
});

test('A155 a failure with a count of nothing has none, so that what was set aside is booked', async () => {
  const { complete } = await adapterFrom(
    'counts-no-failure.mjs',
    whole(
      "return { ok: false, kind: 'outage', message: 'cut', perhapsBilled: true, usage: { input: 0, output: 0 } }",
    ),
  );
  const failure = failed(await complete());
  expect(failure.perhapsBilled).toBe(true);
  expect(failure.usage).toBeUndefined();
});

test('gets back what its own model thought, and nothing that another one did', async () => {
  const file = join(folder, 'thinking.mjs');
  await writeFile(
    file,
    whole(`return { ok: true, usage: { input: 3, output: 4 }, stop: 'tool_calls', message: { role: 'assistant', parts: [
      { type: 'thinking', vendor: 'anthropic', model: 'any', data: 'OWN' },
      { type: 'text', text: JSON.stringify(request.messages) },
      { type: 'tool_call', id: 'call', name: 'bash', arguments: '{}', opaque: { vendor: 'x', model: 'y', data: 'BESIDE' } }] } }`),
  );
  const own = provider(file);
  const adapter = await createModels().adapterFor(own, KEY);
  const foreign = { vendor: 'anthropic', model: 'm', data: 'SECRET' };
  const messages: ChatMessage[] = [
    { role: 'user', text: 'go' },
    {
      role: 'assistant',
      parts: [
        { type: 'thinking', ...foreign },
        { type: 'text', text: 'word' },
        { type: 'tool_call', id: 'a', name: 'bash', arguments: '{}', opaque: foreign },
      ],
    },
    { role: 'tool', callId: 'a', name: 'bash', output: 'ran', isError: false },
  ];
  const first = replied(await adapter.complete(requestFor(own, messages), patient())).message;
  messages.push(first, { role: 'tool', callId: 'call', name: 'bash', output: 'ran', isError: false });
  const second = replied(await adapter.complete(requestFor(own, messages), patient())).message;
  const [before, after] = [first, second].map(({ parts }) =>
    parts[1]?.type === 'text' ? parts[1].text : '',
  );
  expect(before).toContain('word');
  expect(`${before}${after}`).not.toContain('SECRET');
  expect(before).not.toContain('OWN');
  expect(after).toContain('"data":"OWN"');
  expect(after).toContain('"data":"BESIDE"');
  expect(JSON.stringify(first.parts[0])).not.toContain('anthropic');
});

test.each([
  ['throws', "throw new Error('no ' + apiKey)", 'adapter_failed'],
  ['answers in another form', "return { text: 'hi' }", 'adapter_answer'],
  ['answers nothing', 'return undefined', 'adapter_answer'],
])('an adapter that %s is an outage that perhaps was billed', async (name, body, code) => {
  const { complete } = await adapterFrom(`${name.replaceAll(' ', '-')}.mjs`, whole(body));
  const failure = failed(await complete());
  expect(failure).toMatchObject({ kind: 'outage', code, perhapsBilled: true });
  expect(failure.message).not.toContain(KEY);
});

test.each([
  ['no default export', 'export const x = 1;', 'default export'],
  ['a syntax error', 'export default (', 'cannot be used'],
  ['no method', 'export default () => ({});', 'complete'],
])('a file with %s is told as such', async (name, source, words) => {
  const { complete } = await adapterFrom(`${name.replaceAll(' ', '-')}.mjs`, source);
  const failure = failed(await complete());
  expect(failure).toMatchObject({ kind: 'config', code: 'adapter_unusable', perhapsBilled: false });
  expect(failure.message).toContain(words);
});

test('a file that is not there, or named by half, is told as such', async () => {
  for (const file of [join(folder, 'nowhere.mjs'), 'adapter.mjs']) {
    const adapter = await createModels().adapterFor(provider(file), '');
    expect(failed(await adapter.complete(requestFor(provider(file)), patient())).code).toBe(
      'adapter_unusable',
    );
  }
});

test('a file in a worktree is never loaded, not by a link either', async () => {
  const trap = 'worktrees/trap.mjs';
  const { complete } = await adapterFrom(trap, `globalThis.trapped = true; ${whole(`return ${REPLY}`)}`);
  expect(failed(await complete()).message).toContain('worktree');
  const link = join(folder, 'link.mjs');
  await symlink(join(folder, trap), link);
  const models = createModels({ worktreeFolders: [join(folder, 'worktrees')] });
  const adapter = await models.adapterFor(provider(link), '');
  expect(failed(await adapter.complete(requestFor(provider(link)), patient())).message).toContain('worktree');
  expect('trapped' in globalThis).toBe(false);
});

test('a changed file is read again', async () => {
  const { file, complete } = await adapterFrom('changing.mjs', whole(`return ${REPLY}`));
  replied(await complete());
  await writeFile(file, whole("throw new Error('new version')"));
  await utimes(file, new Date(), new Date(Date.now() + 5_000));
  expect(failed(await complete()).message).toContain('new version');
});

test('an adapter that never answers is left when the time is over or its owner stops it', async () => {
  const { complete } = await adapterFrom('hanging.mjs', whole('return new Promise(() => {})'));
  expect(failed(await complete({ timeoutMs: 30 }))).toMatchObject({ kind: 'outage', code: 'timeout' });
  const owner = new AbortController();
  const outcome = complete({ signal: owner.signal });
  owner.abort();
  expect(failed(await outcome).kind).toBe('aborted');
});
