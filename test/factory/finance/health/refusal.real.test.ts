import { describe, expect, test } from 'vitest';
import { anthropic, openai } from '../house.ts';
import { isProbe, reply, useFlappingHouse } from './flapping-house.ts';

const { ask, house, model: startModel, project, until } = useFlappingHouse();

describe('A91 refusal: a policy that refuses', () => {
  const refuses = async () => {
    const model = await startModel({
      script: ({ lastUser }) =>
        isProbe(lastUser) ? reply : { ...reply, text: 'I cannot help with that.', stop: 'refusal' },
    });
    return model;
  };

  test.each(['openai', 'anthropic'] as const)(
    '%s: the next provider is asked, and the refusal is paid for once',
    async (vendor) => {
      const model = await refuses();
      const other = await startModel({ script: () => reply });
      const first =
        vendor === 'openai'
          ? openai('a', model.url, { priority: 1 })
          : anthropic('a', model.url, { priority: 1 });
      await house().setProviders(first, openai('b', other.url, { priority: 2 }));
      const id = await project();
      expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
      expect(await ask(id)).toMatchObject({ kind: 'reply', provider: { id: 'b' } });
      expect(model.requests).toHaveLength(1);
      expect(
        (await house().state.costs(id).readAll()).filter(({ provider }) => provider === 'a'),
      ).toHaveLength(1);
      expect((await house().state.finance(id).get()).setbacks).toMatchObject([
        { provider: 'a', kind: 'refusal' },
      ]);
      // It is this conversation that it refuses, so others are served.
      expect((await house().meter.live(['a'])).get('a')?.health?.consecutiveFailures ?? 0).toBe(0);
    },
  );

  test('of the only provider ends with its words', async () => {
    const model = await refuses();
    await house().setProviders(openai('a', model.url));
    expect(await until(await project())).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('I cannot help with that.'),
    });
    expect(model.requests).toHaveLength(2);
  });
});
