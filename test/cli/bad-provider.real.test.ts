import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandHere } from '../support/command.ts';
import { makeHome, type TestHome } from '../support/home.ts';
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
