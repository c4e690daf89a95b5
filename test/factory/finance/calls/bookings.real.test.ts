import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { openai, paidCall } from '../house.ts';
import { model, useHouse } from './manager-house.ts';

const { house, again, project, complete, costs } = useHouse();
afterEach(() => expect(house().problems).toEqual([]));

test('what OpenRouter has charged is booked where its list is cheaper', async () => {
  const usage = { prompt_tokens: 60_000, completion_tokens: 2_000, cost: 0.189 };
  const chunk = { choices: [{ delta: { content: 'done' }, finish_reason: 'stop' }], usage };
  const headers = { 'content-type': 'text/event-stream' };
  const there = await again({
    fetch: async () => new Response(`data: ${JSON.stringify(chunk)}\n\n`, { headers }),
  });
  await there.setProviders(openai('a', '', { baseUrl: 'https://openrouter.ai/api/v1' }));
  const id = await project();
  const outcome = await there.finance.complete(paidCall(id).call);
  expect(outcome).toMatchObject({ kind: 'reply', cost: 0.189 });
  expect((await costs(id)).totalSpent).toBeCloseTo(0.189, 9);
  expect((await house().meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(0.189, 9);
  await there.close();
});

describe('bookings after a crash', () => {
  const lost = () => ({
    requestId: randomUUID(),
    provider: 'a',
    model: 'm',
    operation: 'chat' as const,
    reserved: 0.4,
  });

  test('a lost request is booked once as possible, at what was reserved', async () => {
    const id = await project();
    const request = lost();
    await house().finance.bookLost(id, request);
    await house().finance.bookLost(id, request);
    expect(await costs(id)).toMatchObject({ totalSpent: 0, possibleSpent: 0.4 });
    expect((await house().meter.live(['a'])).get('a')).toMatchObject({ spentUsd: 0.4 });
  });

  test('a reply that stands in the journal is booked once, in place of its reservation', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    await complete(id);
    const [entry] = (await costs(id)).entries;
    if (entry === undefined) throw new Error('no entry');
    await house().finance.bookReply(id, entry);
    expect((await costs(id)).entries).toHaveLength(1);
    const other = { ...entry, requestId: randomUUID() };
    await house().finance.bookReply(id, other);
    await house().finance.bookReply(id, other);
    expect((await costs(id)).totalSpent).toBeCloseTo(0.2, 9);
    expect((await house().meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(0.2, 9);
  });

  test('a reply that was settled long ago leaves in finance.yaml what was spent', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    await complete(id);
    const [entry] = (await costs(id)).entries;
    if (entry === undefined) throw new Error('no entry');
    await house().finance.bookReply(id, entry);
    await house().finance.close();
    expect(await house().state.finance(id).get()).toMatchObject({ totalSpent: entry.cost });
    expect(entry.cost).toBeGreaterThan(0);
  });

  test('a reply that was booked and never reached the journal counts once, at what it cost, when its request is lost', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url));
    const id = await project();
    await complete(id);
    const before = await costs(id);
    const requestId = before.entries[0]?.requestId;
    if (requestId === undefined) throw new Error('no entry');
    await house().finance.bookLost(id, { ...lost(), requestId });
    expect(await costs(id)).toEqual(before);
    expect((await house().meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(before.totalSpent, 9);
  });

  test('A09 flushall: after a flush the same money is left as before', async () => {
    const llm = await model();
    await house().setProviders(openai('a', llm.url, { creditsAvailable: 0.25 }));
    const id = await project();
    await complete(id);
    await complete(id);
    await house().redis.flushall();
    expect((await house().meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(0.2, 9);
    expect(await complete(id)).toMatchObject({ kind: 'reply' });
    expect(await complete(id)).toMatchObject({ kind: 'no_provider' });
  });
});
