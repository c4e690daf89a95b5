import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeHome, type TestHome } from '../../../support/home.ts';
import { commandHere } from '../../../support/processes/command.ts';
import { expectRefusal } from './refusal.ts';

let home: TestHome;
beforeAll(async () => {
  home = await makeHome();
});
afterAll(() => home.cleanup());

const df = (args: string[]) => commandHere(args, { home: home.home });

describe('df provider add', () => {
  const add = (...args: string[]) => df(['provider', 'add', ...args]);
  const openai = ['--name', 'openai', '--model', 'gpt-5-mini', '--api-key', 'sk-test-0123456789'];

  test.each([
    ['an unknown vendor', ['--name', 'skynet', '--model', 'x'], 'openai, anthropic or custom'],
    ['no key', ['--name', 'openai', '--model', 'gpt-5-mini'], '--api-key-env'],
    ['an empty key', ['--name', 'openai', '--model', 'gpt-5-mini', '--api-key', ''], 'empty'],
    [
      'a key with a line break',
      ['--name', 'openai', '--model', 'gpt-5-mini', '--api-key', 'a\nb'],
      'odd characters',
    ],
    [
      'a key as the name of a variable',
      ['--name', 'openai', '--model', 'gpt-5-mini', '--api-key-env', 'sk-x'],
      'name of an environment variable',
    ],
    ['two keys', [...openai, '--api-key-stdin'], 'more than one way'],
    ['custom without an endpoint', ['--name', 'custom', '--model', 'x', '--free'], '--base-url'],
    [
      'an adapter that is not there',
      ['--name', 'custom', '--model', 'x', '--adapter', 'no.mjs', '--free'],
      'no.mjs',
    ],
    [
      'a base URL that is none',
      ['--name', 'custom', '--model', 'x', '--base-url', 'localhost', '--free'],
      'localhost',
    ],
    [
      'a file as base URL',
      ['--name', 'custom', '--model', 'x', '--base-url', 'file:///etc/passwd', '--free'],
      'http',
    ],
    [
      'a model without a known price',
      ['--name', 'custom', '--model', 'my-model', '--base-url', 'http://127.0.0.1:1/v1'],
      '--price-in',
    ],
    ['half a price', [...openai, '--price-in', '1'], '--price-out'],
    ['a price and free', [...openai, '--price-in', '1', '--price-out', '1', '--free'], '--free'],
    ['negative credits', [...openai, '--credits=-5'], '--credits'],
    ['endless credits', [...openai, '--credits', '1e999'], '--credits'],
    ['a rate of nothing', [...openai, '--rpm', '0'], '--rpm'],
    [
      'a model with a typo',
      ['--name', 'openai', '--model', 'gpt-5.1-codex-mx', '--api-key', 'sk-test-0123456789'],
      'gpt-5.1-codex-max',
    ],
    [
      'a model of another vendor',
      ['--name', 'openai', '--model', 'claude-opus-5', '--api-key', 'sk-test-0123456789'],
      '--name anthropic',
    ],
    ['an output above the one of the model', [...openai, '--max-output', '128001'], '128000'],
    ['an output too small for anything', [...openai, '--max-output', '10'], '--max-output'],
    ['an effort that the model lacks', [...openai, '--effort', 'max'], 'minimal, low, medium, high'],
    ['an effort that is none', [...openai, '--effort', 'turbo'], '--effort'],
    ['an API that is none', [...openai, '--api', 'grpc'], 'responses, chat'],
    [
      'an API at a vendor with one',
      ['--name', 'anthropic', '--model', 'claude-opus-5', '--api-key', 'sk-test-0123456789', '--api', 'chat'],
      'leave --api out',
    ],
    ['the price of a cache alone', [...openai, '--price-cache-read', '1'], '--price-in'],
    ['an odd id', [...openai, '--id', '../x'], 'letters'],
    ['an odd priority', [...openai, '--priority', '1.5'], '--priority'],
  ])('%s ends with 2, adds nothing and shows no key', async (_, args, word) => {
    const result = await add(...args);
    const stderr = result.stderr.replace(/^hint: .*\n/, '');
    expectRefusal({ ...result, stderr }, 2, word);
    expect(`${result.stdout}${result.stderr}`).not.toContain('sk-test');
    expect(JSON.parse((await df(['provider', 'list', '--json'])).stdout)).toEqual([]);
  });
});

test('a model is added with what is known of it, what is assumed, and what its endpoint lists', async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/v1/models' ? 200 : 404, { 'content-type': 'application/json' });
    response.end('{"data":[{"id":"acme-coder","max_model_len":65536},{"id":"other"}]}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const key = ['--api-key-env', 'NO_SUCH_KEY'];

  const codex = await df(['provider', 'add', '--name', 'openai', '--model', 'gpt-5.1-codex-max', ...key]);
  expect(codex.code, codex.stderr).toBe(0);
  expect(codex.stdout).toMatch(
    /API: responses\n.*window: 400,000 tokens\n.*longest output: 128,000 tokens\n/,
  );
  expect(codex.stdout).toMatch(/price: \$1.25 in, \$10 out, \$0.125 from cache.*list of 2026-/);
  expect(codex.stdout).not.toContain('assumed');

  const own = ['provider', 'add', '--name', 'custom', '--base-url', url, '--free'];
  const listed = await df([...own, '--model', 'acme-coder', '--effort', 'high', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject({
    effort: 'high',
    reported: { contextTokens: 65_536 },
    facts: { api: 'chat', contextTokens: 65_536, assumed: expect.arrayContaining(['api', 'efforts']) },
  });
  const unlisted = await df([...own, '--model', 'acme-codr', '--price-cache-read', '0']);
  expect(unlisted).toMatchObject({ code: 2 });
  const typo = await df([...own, '--model', 'acme-codr']);
  expect([typo.code, typo.stderr]).toEqual([0, expect.stringContaining('nearest: acme-coder')]);
  expect(typo.stdout).toContain('API: chat completions (assumed)');
});
