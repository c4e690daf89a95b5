import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freshStart } from '../../../../src/factory/finance/books/fresh-start.ts';
import { openai, paidCall } from '../house.ts';
import { reply, useFlappingHouse } from '../health/flapping-house.ts';

const { again, ask, house, model: startModel, project } = useFlappingHouse();

describe('A92 ledger-cut: a ledger that lost rows', () => {
  test('stops the project, names its file, and the money stays spent when its owner goes on', async () => {
    const model = await startModel({
      script: () => ({ ...reply, usage: { input: 100_000, output: 10 } }),
    });
    await house().setProviders(openai('a', model.url));
    const id = await project();
    for (let call = 0; call < 3; call += 1) expect((await ask(id)).kind).toBe('reply');
    await house().finance.close();
    const file = join(house().state.projectFolder(id), 'costs.jsonl');
    const [first = ''] = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, `${first}\n`);
    const anew = await again();
    onTestFinished(() => anew.close());
    await anew.redis.flushall();
    const outcome = await anew.finance.complete(paidCall(id).call);
    expect(outcome).toMatchObject({ kind: 'ledger', detail: expect.stringContaining(`${id}/costs.jsonl`) });
    expect(model.requests).toHaveLength(3);
    expect((await anew.meter.live(['a'])).get('a')?.spentUsd).toBeCloseTo(model.billed(), 9);
    await freshStart(anew.state, id, { now: () => new Date(), newId: () => 'x' });
    const rows = await anew.state.costs(id).readAll();
    expect(rows.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(model.billed(), 9);
    expect(await anew.finance.complete(paidCall(id).call)).toMatchObject({ kind: 'reply' });
  });
});
