import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProviderConfig } from '../../src/factory/finance/finance.ts';
import { makeHome, type TestHome } from '../support/home.ts';
import { runDf } from '../support/processes.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { expectRefusal } from './refusal.ts';

let home: TestHome;
let redis: TestRedis;
beforeAll(async () => {
  [home, redis] = await Promise.all([makeHome(), startRedis()]);
  const added = await df(
    ...[
      'provider',
      'add',
      '--name',
      'custom',
      '--id',
      'main',
      '--model',
      'm',
      '--base-url',
      'http://127.0.0.1:9/v1',
    ],
    ...[
      '--price-in',
      '1',
      '--price-out',
      '2',
      '--credits',
      '10',
      '--rpm',
      '60',
      '--api-key',
      'sk-0123456789abcdef',
    ],
  );
  expect(added.code, added.stderr).toBe(0);
});
afterAll(async () => {
  await home?.cleanup();
  await redis?.stop();
});

const df = (...args: string[]) =>
  runDf(args, { home: home.home, env: { REDIS_URL: redis.url }, cwd: home.home });
const file = () => readFile(join(home.home, 'providers.yaml'), 'utf8');

const AMOUNTS = ['-1', 'NaN', 'Infinity', '1e999', '1e3', '0x10', '12,50', '', 'ten', '9999999999999'];
const COUNTS = ['0', '-1', 'NaN', '1.5', '1e9', '', 'none of it', '99999999999', '9'.repeat(400)];
const given = (options: string[], values: string[]) =>
  options.flatMap((option) => values.map((value): [string, string] => [option, value]));

test.each([
  ...given(['--credits', '--add-credits', '--price-in'], AMOUNTS),
  ...given(['--rpm'], COUNTS),
  ['--tpm', '0'],
  ['--rpd', '-5'],
  ['--priority', '-1'],
  ['--priority', '1001'],
  ['--context-tokens', '12'],
  ['--credits', '0'],
  ['--credits', '2000000'],
  ['--price-out', '200000'],
])(
  'df provider update %s=%j is refused with 2 and names the option; the file stays as it is',
  async (option, value) => {
    const before = await file();
    expectRefusal(await df('provider', 'update', 'main', `${option}=${value}`), 2, option);
    expect(await file()).toBe(before);
  },
);

test.each([
  [['--base-url', 'not a url'], 'not a url'],
  [['--base-url', ''], 'base URL'],
  [['--base-url', 'ftp://host/v1'], 'http'],
  [['--base-url', 'https://me:secret@host/v1'], 'user or password'],
  [['--base-url', 'https://host/v1?key=1'], 'query'],
  [['--price-in', '1'], '--price-out'],
  [['--price-in', '0', '--price-out', '0'], '--free'],
  [['--free', '--price-in', '1', '--price-out', '2'], '--free'],
  [['--credits', '1', '--add-credits', '1'], '--add-credits'],
  [[], '--add-credits 20'],
])(
  'df provider update main %j is refused with 2 and says why; the file stays as it is',
  async (args, word) => {
    const before = await file();
    expectRefusal(await df('provider', 'update', 'main', ...args), 2, word);
    expect(await file()).toBe(before);
  },
);

test('df provider update of an unknown id ends with 3 and names the known ones; the file stays as it is', async () => {
  const before = await file();
  expectRefusal(await df('provider', 'update', 'mian', '--credits', '5'), 3, '"mian"', 'main');
  expect(await file()).toBe(before);
});

test('good values change what they name and nothing else', async () => {
  const list = async () => JSON.parse((await df('provider', 'list', '--json')).stdout) as ProviderConfig[];
  const [before] = await list();
  expect((await df('provider', 'update', 'main', '--add-credits', '5', '--rpm', 'none')).code).toBe(0);
  expect(await list()).toEqual([{ ...before, creditsAvailable: 15, rateLimit: {} }]);
});
