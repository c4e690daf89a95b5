import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHome, type TestHome } from '../../../support/home.ts';
import { type Answer, call, type ScriptedModel, startScriptedModel } from '../../../support/model.ts';
import { commandHere } from '../../../support/processes/command.ts';
import { startRedis, type TestRedis } from '../../../support/redis.ts';

let home: TestHome;
let redis: TestRedis;
let model: ScriptedModel;
let answer: Answer = {};
beforeAll(async () => {
  [home, redis, model] = await Promise.all([
    makeHome(),
    startRedis(),
    startScriptedModel({ script: () => answer, prices: { '*': { input: 1, output: 10 } } }),
  ]);
  const common = ['--api-key', 'sk-test-0123456789abcdef', '--price-in', '1', '--price-out', '10'];
  for (const [id, name, more] of [
    ['responses', 'gpt-5.1', ['--name', 'openai', '--base-url', `${model.url}/v1`, '--effort', 'low']],
    ['messages', 'claude-sonnet-4-5', ['--name', 'anthropic', '--base-url', model.url]],
    ['chat', 'acme', ['--name', 'custom', '--base-url', `${model.url}/v1`]],
  ] as const) {
    const added = await df('provider', 'add', '--id', id, '--model', name, ...more, ...common);
    expect(added.code, added.stderr).toBe(0);
  }
});
afterAll(async () => {
  await Promise.all([home?.cleanup(), redis?.stop(), model?.close()]);
});

const df = (...args: string[]) =>
  commandHere(args, { home: home.home, env: { REDIS_URL: redis.url }, cwd: home.home });
const probe = async (id: string) => JSON.parse((await df('provider', 'probe', id, '--json')).stdout);

test.each([
  ['responses', { tool_choice: 'required', max_output_tokens: 2_112, reasoning: { effort: 'low' } }],
  ['messages', { max_tokens: 2_112, thinking: { type: 'enabled' } }],
  ['chat', { tool_choice: 'required', max_tokens: 64, stream: true }],
])('a probe through %s is asked like the work, with all tools and for one call of them', async (id, body) => {
  answer = call('read_file', { path: 'probe' });
  const before = model.requests.length;
  expect(await probe(id)).toMatchObject({ healthy: true, findings: [], seen: { calls: 1, cut: false } });
  const [sent] = model.requests.slice(before);
  expect(sent).toMatchObject({ format: id === 'chat' ? 'openai' : id === 'messages' ? 'anthropic' : id });
  expect(sent?.body).toMatchObject(body);
  expect(sent?.body).toHaveProperty('tools.length', 10);
});

test('a probe that ends at its limit after thinking counts as reachable', async () => {
  answer = { thinking: 'I wonder', stop: 'max_tokens' };
  expect(await probe('responses')).toMatchObject({
    healthy: true,
    seen: { calls: 0, cut: true },
    findings: [],
  });
});

test('a model that calls no tool although it is asked to is reachable, and what would fail is said', async () => {
  answer = { text: 'ok' };
  expect(await probe('chat')).toMatchObject({
    healthy: true,
    findings: [expect.stringContaining('called no tool')],
  });
});

test('a probe that is answered on the other interface says so, and how to ask there at once', async () => {
  answer = call('read_file', { path: 'probe' });
  const missing = { fault: 'http' as const, status: 404, body: '404 page not found' };
  model.setFaults([{ format: 'responses', fault: missing }]);
  try {
    expect((await df('provider', 'probe', 'responses')).stdout).toMatch(
      /seen: a call of a tool, .*; it answers on chat completions alone: --api chat$/m,
    );
  } finally {
    model.setFaults([]);
  }
});

test('a probe tells API, window, output, effort, thinking, caching, price, and its cost in parts of a cent', async () => {
  answer = { ...call('read_file', { path: 'probe' }), usage: { input: 1_000, cacheRead: 500, output: 20 } };
  const { stdout } = await df('provider', 'probe', 'responses');
  expect(stdout).toMatch(/^healthy {2}Provider responses answers\. \(0\.17 cents\)$/m);
  expect(stdout).toContain('API: responses');
  expect(stdout).toContain('window: 400,000 tokens');
  expect(stdout).toContain('longest output: 128,000 tokens');
  expect(stdout).toContain('effort: low (has minimal, low, medium, high)');
  expect(stdout).toContain('thinking: always');
  expect(stdout).toContain('price: $1 in, $10 out, $1 from cache, $1 into cache per million (your own)');
  expect(stdout).toContain('cache (500 tokens from it, 0 into it)');
});
