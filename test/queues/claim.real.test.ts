import { cp, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createServices, type Services } from '../../src/services.ts';
import { makeHome } from '../support/home.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

async function folders() {
  const { home, cleanup } = await makeHome();
  onTestFinished(cleanup);
  const at = (name: string) => join(home, name);
  const make = async (name: string) => {
    await mkdir(at(name));
    await writeFile(join(at(name), 'config.yaml'), `redis: { url: "${redis.url}", prefix: shared }\n`);
  };
  return { at, make };
}

/** Opens the queues of a home, looks, and leaves. */
async function enter(
  home: string,
  look: (services: Services) => Promise<unknown> = async () => {},
): Promise<string> {
  const services = await createServices({ env: { DF_HOME: home } });
  try {
    await services.queues();
    await look(services);
    return 'in';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    await services.close();
  }
}

it('a second home with the prefix of the first is refused, a moved one goes on, a copy beside it does not, and a flush is recovered from', async () => {
  const { at, make } = await folders();
  await make('one');
  await make('two');
  expect(await enter(at('one'))).toBe('in');
  expect(await enter(at('two'))).toBe('redis_prefix_taken');
  expect(await enter(at('one'))).toBe('in');
  await cp(at('one'), at('copy'), { recursive: true });
  expect(await enter(at('copy'))).toBe('redis_prefix_taken');
  await rename(at('one'), at('moved'));
  expect(await enter(at('moved'))).toBe('in');
  const flushed = enter(at('moved'), async (services) => {
    await (await services.redis()).flushall();
    await services.claimPrefix();
    expect(await enter(at('two'))).toBe('redis_prefix_taken');
    // Another home that is faster after a flush has it; whoever had it before learns of it at its next look.
    await (await services.redis()).flushall();
    expect(await enter(at('two'))).toBe('in');
    await services.claimPrefix();
  });
  expect(await flushed).toBe('redis_prefix_taken');
});
