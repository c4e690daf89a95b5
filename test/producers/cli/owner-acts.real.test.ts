import { mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import { createServices } from '../../../src/services.ts';
import { addProject } from '../../state/samples.ts';
import { makeHome, type TestHome } from '../../support/home.ts';
import { commandHere } from '../../support/processes/command.ts';
import { startRedis, type TestRedis } from '../../support/redis.ts';

let home: TestHome;
let redis: TestRedis;
beforeAll(async () => {
  [home, redis] = await Promise.all([makeHome(), startRedis()]);
});
afterAll(async () => {
  await home?.cleanup();
  await redis?.stop();
});

const KEY = 'a-key-of-no-known-form-7';
const df = (args: string[], REDIS_URL = redis.url) =>
  commandHere(args, { home: home.home, env: { REDIS_URL }, cwd: home.home });
const add = (id: string, url: string, ...more: string[]) =>
  df([
    ...['provider', 'add', '--name', 'custom', '--id', id, '--model', 'm', '--base-url', url, '--free'],
    ...more,
  ]);

test('what the owner does to the factory stands in its chained log, with Redis and without, and holds no key', async () => {
  expect((await add('main', 'http://127.0.0.1:9/v1', '--api-key', KEY)).code).toBe(0);
  for (const args of [
    ['provider', 'update', 'main', '--priority', '2'],
    ['provider', 'set-key', 'main', '--api-key', `${KEY}-new`],
    ['provider', 'disable', 'main'],
    ['provider', 'enable', 'main'],
    ['provider', 'remove', 'main'],
    ['clean'],
    ['stop', '--all', '--reason', 'the card was stolen'],
    ['stop', '--all'],
    ['resume', '--all'],
  ])
    expect([args, (await df(args)).code]).toEqual([args, 0]);
  expect((await df(['provider', 'remove', 'main'])).code).toBe(3);
  const offline = ['provider', 'add', '--name', 'custom', '--id', 'two', '--model', 'm', '--free'];
  await df([...offline, '--base-url', 'http://127.0.0.1:9/v1'], 'redis://127.0.0.1:1');

  const { stdout } = await df(['logs', 'factory', '--json']);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FactoryEvent);
  expect(events.map(({ type }) => type)).toEqual([
    'provider.added',
    'provider.changed',
    'provider.key_set',
    'provider.disabled_by_owner',
    'provider.enabled',
    'provider.removed',
    'home.cleaned',
    'factory.halted',
    'factory.resumed',
    'provider.added',
  ]);
  expect(events.every(({ data }) => data?.['by'] === 'owner')).toBe(true);
  expect(events[7]?.message).toContain('the card was stolen');
  expect(stdout).not.toContain(KEY);
  expect((await df(['log', 'verify'])).stdout).toContain('factory  10 lines');
});

test('df stop does not deny work whose repository is away', async () => {
  const services = await createServices({ role: 'producer', env: { DF_HOME: home.home } });
  const { id } = await addProject(services.state, {
    repository: join(home.home, 'away'),
    activeMs: 3_600_000,
    baselineGate: 'gate-1',
  });
  await services.close();
  const { code, stdout, stderr } = await df(['stop', id]);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('its repository is away');
  expect(stdout).not.toContain('Nothing had been done');
});

test('an emergency stop works where its line cannot be written', async () => {
  const events = join(home.home, 'data', 'events.jsonl');
  await rename(events, `${events}.aside`);
  await mkdir(events);
  expect((await df(['stop', '--all'])).code).toBe(0);
  expect((await df(['resume', '--all'])).code).toBe(0);
  await rmdir(events);
  await rename(`${events}.aside`, events);
});

test('A85 key-in-clear: a key that leaves the machine without encryption is said when it is given, in the list and by df doctor', async () => {
  const added = await add('far', 'http://gpu.example.com:8000/v1', '--api-key', KEY);
  expect({ code: added.code, stderr: added.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('gpu.example.com:8000'),
  });
  expect((await add('near', 'http://127.0.0.1:8000/v1', '--api-key', KEY)).stderr).not.toContain(
    'unencrypted',
  );
  expect((await add('open', 'http://gpu.example.com:8000/v1')).stderr).not.toContain('unencrypted');
  expect((await df(['provider', 'list'])).stderr).toContain('The key of far goes unencrypted');
  const listed = JSON.parse((await df(['provider', 'list', '--json'])).stdout) as { id: string }[];
  expect(listed.filter((each) => 'keyInClear' in each).map(({ id }) => id)).toEqual(['far']);
  const doctor = JSON.parse((await df(['doctor', '--json'])).stdout) as {
    checks: { name: string; status: string; detail: string }[];
  };
  expect(doctor.checks.find(({ name }) => name === 'provider far')).toMatchObject({
    status: 'warn',
    detail: expect.stringContaining('unencrypted'),
  });
});
