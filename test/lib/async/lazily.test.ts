import { expect, test } from 'vitest';
import { lazily } from '../../../src/lib/async/lazily.ts';

function counter() {
  let made = 0;
  const load = async () => {
    made += 1;
    if (made === 1) throw new Error('not yet');
    return { twice: async (n: number) => 2 * n, fails: () => Promise.reject(new Error('broken')) };
  };
  return { load, made: () => made };
}

test('nothing is loaded before the first call, and then once', async () => {
  const { load, made } = counter();
  await load().catch(() => undefined);
  const object = lazily(load);
  expect(made()).toBe(1);
  expect(await Promise.all([object.twice(1), object.twice(2)])).toEqual([2, 4]);
  expect(made()).toBe(2);
});

test('a load that fails fails the call, and the next call loads again', async () => {
  const object = lazily(counter().load);
  await expect(object.twice(1)).rejects.toThrow('not yet');
  expect(await object.twice(1)).toBe(2);
});

test('what a function that is loaded when it is called throws comes through', async () => {
  const { load } = counter();
  await load().catch(() => undefined);
  await expect(lazily(load).fails()).rejects.toThrow('broken');
});

test('what is loaded when it is called may be awaited and handed on by promises', async () => {
  const { load, made } = counter();
  const object = await Promise.resolve(lazily(load));
  expect(made()).toBe(0);
  await expect(object.twice(1)).rejects.toThrow('not yet');
});
