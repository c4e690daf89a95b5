import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { ProviderConfig } from '../../../../src/factory/model/money/finance.ts';
import { makeHome, type TestHome } from '../../../support/home.ts';
import { commandHere } from '../../../support/processes/command.ts';
import { startRedis, type TestRedis } from '../../../support/redis.ts';
import { expectRefusal } from '../refusals/refusal.ts';

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
  commandHere(args, { home: home.home, env: { REDIS_URL: redis.url }, cwd: home.home });
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
  expect(await list()).toEqual([{ ...before, creditsAvailable: 15, creditsLeft: 15, rateLimit: {} }]);
});

test('personas and projects that a provider is kept to are given, shown, changed and taken away', async () => {
  const limits = async () => {
    const [{ personas, projects } = {}] = JSON.parse(
      (await df('provider', 'list', '--json')).stdout,
    ) as Partial<ProviderConfig>[];
    return { personas, projects };
  };
  const both = ['--personas', 'engineer, factory-auditor', '--projects', 'shop'];
  const changed = await df('provider', 'update', 'main', ...both);
  expect([changed.code, changed.stderr]).toEqual([0, expect.stringContaining('no project "shop" yet')]);
  expect(await limits()).toEqual({ personas: ['engineer', 'factory-auditor'], projects: ['shop'] });
  expect((await df('provider', 'list')).stdout).toContain('engineer, factory-auditor in 1 project');
  expect((await df('provider', 'update', 'main', '--priority', '1')).code).toBe(0);
  expect(await limits()).toEqual({ personas: ['engineer', 'factory-auditor'], projects: ['shop'] });
  const before = await file();
  expectRefusal(await df('provider', 'update', 'main', '--personas', '../x'), 2, '--personas');
  expectRefusal(await df('provider', 'update', 'main', '--projects', 'a,,b'), 2, '--projects');
  expect(await file()).toBe(before);
  await df('provider', 'update', 'main', '--personas', 'none', '--projects', 'none');
  expect(await limits()).toEqual({ personas: undefined, projects: undefined });
});

test('df provider list shows what is left of the credits, and df provider update counts from there, also without Redis', async () => {
  const other = await makeHome();
  onTestFinished(other.cleanup);
  const run = (args: string[], REDIS_URL = redis.url) =>
    commandHere(args, { home: other.home, env: { REDIS_URL }, cwd: other.home });
  await run([
    ...[
      'provider',
      'add',
      '--name',
      'custom',
      '--id',
      'main',
      '--model',
      'm',
      '--api-key',
      'sk-0123456789abcdef',
    ],
    ...['--base-url', 'http://127.0.0.1:9/v1', '--price-in', '1', '--price-out', '2', '--credits', '10'],
  ]);
  const row = { timestamp: new Date(), provider: 'main', model: 'm', operation: 'noop_probe', tokensUsed: 1 };
  const entry = {
    ...row,
    requestId: 'r',
    cost: 2.5,
    usage: { input: 1, output: 0, cacheRead: 0, cacheWrite: 0 },
  };
  await mkdir(join(other.home, 'data'), { recursive: true });
  await appendFile(
    join(other.home, 'data', 'costs.jsonl'),
    `${JSON.stringify({ ...entry, possible: false })}\n`,
  );
  expect((await run(['provider', 'list'])).stdout).toMatch(/\$10\.00\s+\$7\.50/);
  const nowhere = 'redis://127.0.0.1:9';
  const changed = await run(['provider', 'update', 'main', '--credits', '4'], nowhere);
  expect(changed.stderr).toContain('Redis does not answer');
  const listed = JSON.parse((await run(['provider', 'list', '--json'], nowhere)).stdout) as object[];
  expect(listed).toMatchObject([{ creditsAvailable: 6.5, creditsLeft: 4 }]);
});
