import { expect, it } from 'vitest';
import { call, MEND_SUM, scenario, sequence } from '../support/scenario.ts';

const limitOf = (body: unknown): number => {
  const {
    max_tokens: chat,
    max_completion_tokens: newer,
    max_output_tokens: responses,
  } = body as Record<string, number | undefined>;
  return chat ?? newer ?? responses ?? 0;
};

it('A100 a reply that is cut in the middle of a call is asked for again with more room, nothing half is run, and the ledger is the bill', async () => {
  const whole = sequence(MEND_SUM);
  const half = call('write_file', { path: 'sum.js', content: 'half' });
  const s = await scenario({
    script: (turn) => {
      const first = limitOf(s.model.requests[turn.requestIndex]?.body) === 8_192;
      const agent = turn.tools.some(({ name }) => name === 'write_file');
      return first && agent && turn.assistantTurns < 4
        ? { ...half, stop: 'max_tokens', usage: { output: 8_192 } }
        : whole(turn);
    },
  });
  const { id } = await s.init('cuts');
  await s.worker();
  await s.df('start', id);
  await s.reaches(id, 'completed');
  const limits = s.model.requests.map(({ body }) => limitOf(body)).filter((limit) => limit > 8_000);
  expect(limits.slice(0, 8)).toEqual([8_192, 32_768, 8_192, 32_768, 8_192, 32_768, 8_192, 32_768]);
  const { totalSpent } = JSON.parse((await s.df('costs', id, '--json')).stdout);
  expect(totalSpent).toBeCloseTo(s.model.billed(), 6);
});
