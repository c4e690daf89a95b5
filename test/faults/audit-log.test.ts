import { expect, it } from 'vitest';
import { call, scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

it('A103 the audit log of turns is whole after kills: each reply and each call once, as the journal has them', async () => {
  const s = await scenario({
    script: (turn) =>
      turn.conversation.filter(({ role }) => role === 'assistant').length < 40
        ? call('bash', { command: `echo ${turn.conversation.length}` })
        : call('finish', { summary: 'Nothing more.' }),
    config: ['limits:', '  diskFree: 0', '  crashes: 100', 'gates:', '  maxRounds: 1'],
  });
  const { id } = await s.init('killed');
  expect((await s.df('start', id)).code).toBe(0);
  for (let kill = 1; kill <= 6; kill += 1) {
    const before = s.model.requests.length;
    const worker = await s.worker();
    await until(() => s.model.requests.length >= before + 4, 60_000, `four turns before kill ${kill}`);
    worker.kill('SIGKILL');
    await worker.exited;
  }
  await s.worker();
  await s.settles(id);
  const entries = await s.journal(id);
  // What was told last is gathered for a moment before it is written; in order, so the last one comes with all before it.
  const last = entries.findLast(({ type }) => type === 'tool_result');
  const events = await until(async () => {
    const all = await s.events(id);
    return all.some(({ type, step }) => type === 'tool.ran' && step === last?.step) ? all : undefined;
  });
  const replies = entries.flatMap((each) => (each.type === 'reply' ? [each.requestId] : []));
  const told = events.flatMap(({ type, data }) => (type === 'step.replied' ? [data?.requestId] : []));
  expect(told.toSorted()).toEqual(replies.toSorted());
  const ran = events.flatMap(({ type, step, data }) =>
    type === 'tool.ran' ? [`${step} ${data?.call} ${data?.isError}`] : [],
  );
  const results = entries.flatMap((each) =>
    each.type === 'tool_result' ? [`${each.step} 0 ${each.isError}`] : [],
  );
  // A call whose result was not written before the kill may have been told by the worker that ran it as well.
  expect(results.filter((each) => !ran.includes(each))).toEqual([]);
  expect(new Set(ran).size).toBe(ran.length);
});
