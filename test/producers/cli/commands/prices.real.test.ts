import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeHome, type TestHome } from '../../../support/home.ts';
import { runDf } from '../../../support/processes/processes.ts';

let home: TestHome;
let server: Server;
let url: string;
let published: unknown;
beforeAll(async () => {
  home = await makeHome();
  server = createServer((_, response) => response.end(JSON.stringify(published)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data.json`;
});
afterAll(async () => {
  server?.close();
  await home?.cleanup();
});

const df = (...args: string[]) =>
  runDf(args, { home: home.home, env: { KEY: 'sk-0123456789', REDIS_URL: 'redis://127.0.0.1:1' } });
const price = async (id: string) => JSON.parse((await df('prices', id, '--json')).stdout).providers[0].price;
const addGpt9 = (...more: string[]) =>
  df(
    'provider',
    'add',
    '--name',
    'openai',
    '--id',
    'nine',
    '--model',
    'gpt-9',
    '--api-key-env',
    'KEY',
    ...more,
  );

const models = (...ids: string[]) =>
  ids.map((id) => ({ id, match: { equals: id }, prices: { input_mtok: 7, output_mtok: 9 } }));
const list = (...ours: string[]) => [
  {
    id: 'openai',
    name: 'OpenAI',
    api_pattern: 'https://api\\.openai\\.com',
    models: models('gpt-a', ...ours),
  },
  {
    id: 'anthropic',
    name: 'Anthropic',
    api_pattern: 'x',
    models: models('claude-a', 'claude-b', 'claude-c'),
  },
];

test("the owner's fetching of a newer list makes its prices hold, and a bad list changes nothing", async () => {
  const early = await addGpt9();
  expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining('df prices update') });
  expect((await df('prices')).stdout).toContain('the list of 2026-09-23 that is installed');

  published = list('gpt-4.1', 'gpt-9');
  const fetched = await df('prices', 'update', '--url', url);
  expect([fetched.code, fetched.stdout], fetched.stderr).toEqual([0, expect.stringContaining('127.0.0.1')]);
  const added = await addGpt9();
  expect([added.code, added.stdout], added.stderr).toEqual([0, expect.stringContaining('$7 in, $9 out')]);
  expect(await price('nine')).toMatchObject({
    input: 7,
    output: 9,
    source: expect.stringMatching(/^list of 20/),
  });
  expect((await df('provider', 'list')).stdout).toContain('that was fetched on');

  const file = path.join(home.home, 'prices.json');
  const before = await readFile(file, 'utf8');
  for (const [bad, code, word] of [
    [{ error: 'moved' }, 1, 'no list of prices'],
    [list('gpt-4.1', 'gpt-10'), 1, 'no price for the models of nine'],
  ] as const) {
    published = bad;
    const refused = await df('prices', 'update', '--url', url);
    expect(refused).toMatchObject({ code, stderr: expect.stringContaining(word) });
  }
  expect((await df('prices', 'update', '--url', 'http://prices.example/x')).code).toBe(2);
  expect(await readFile(file, 'utf8')).toBe(before);
  expect(await price('nine')).toMatchObject({ input: 7 });

  await writeFile(file, before.slice(0, 100));
  expect((await df('prices')).stdout).toContain('that is installed');
});
