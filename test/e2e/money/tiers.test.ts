import { expect, it } from 'vitest';
import type { ModelRecord } from '../../../src/factory/history/models.ts';
import type { CostEntry } from '../../../src/factory/model/money/finance.ts';
import type { TranscriptStep } from '../../../src/factory/transcript/transcript.ts';
import { LONG } from '../../support/looks.ts';
import { modelForTest, type RequestRecord, type Script, sequence } from '../../support/model.ts';
import { probed } from '../../support/priced.ts';
import { call, SUM_TEST, scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

const TITLE = 'Make add add';
const RIGHT = 'export const add = (a, b) => a + b;\n';
const PLAN = call('add_tasks', {
  tasks: [
    {
      title: TITLE,
      description: 'add(2, 3) must be 5.',
      criteria: [{ name: 'tests pass', command: SUM_TEST }],
    },
  ],
});
const CLAIM = call('update_task', { id: TITLE, status: 'completed' });
/** Some two thousand tokens, other ones each time. */
const much = (from: number) => call('bash', { command: `seq ${from} ${from + 1_800}` });

/** Writes, then claims, over and over; what it writes is wrong until it is told better. */
const worker =
  (phase: { now: 'wrong' | 'talk' | 'right' }): Script =>
  (turn) => {
    const [last] = turn.lastToolResults;
    const said = turn.conversation.map(({ text }) => text).join('\n');
    if (!said.includes(TITLE)) return PLAN;
    if (last?.name === 'update_task' && last.output.includes('is completed'))
      return call('finish', { summary: 'add adds.' });
    if (phase.now === 'talk') return much(turn.requestIndex);
    if (last?.name === 'write_file') return CLAIM;
    const content = phase.now === 'right' ? RIGHT : `// try ${turn.requestIndex}\n`;
    return call('write_file', { path: 'sum.js', content });
  };

const isSummary = ({ body }: RequestRecord) =>
  JSON.stringify(body)?.includes('about to be replaced by a summary') ?? false;

it('A106 tiers: work that stays red goes to the large one, its summary to the small one; a tier that dies is replaced once, over kills, and each call is booked where it was made', async () => {
  const small = { now: 'wrong' as 'wrong' | 'talk' | 'right' };
  const script = (phase: typeof small) => sequence([worker(phase)]);
  const s = await scenario({
    script: script(small),
    config: [
      ...['tiers:', '  small: [main]', '  large: [other]'],
      ...['routing:', '  default: small', '  summarise: small', '  judge: large'],
      ...['  escalate: {afterRedGates: 2, to: large}'],
    ],
  });
  const large = await modelForTest({
    script: script({ now: 'talk' }),
    prices: { '*': { input: 10, output: 20 } },
  });
  await s.json(
    ...['provider', 'add', '--name', 'anthropic', '--id', 'other', '--model', 'claude-opus-4-6'],
    ...['--base-url', large.url, '--api-key', 'other-key', '--price-in', '10', '--price-out', '20'],
    ...['--context-tokens', '16000', '--max-output', '2000', '--priority', '2'],
  );
  const { id } = await s.init('tiers', '--budget', '4');
  let at = await s.worker();
  const killed = async () => {
    at.kill('SIGKILL');
    await at.exited;
    at = await s.worker();
  };
  expect((await s.df('start', id)).code).toBe(0);

  // Two claims in a row were red at the small one.
  await until(
    () => large.requests.length >= 2,
    LONG,
    () => `${large.requests.length} requests of the large tier`,
  );
  expect(s.model.requests.filter((each) => !isSummary(each)).length).toBeGreaterThanOrEqual(5);
  await killed();
  await until(() => s.model.requests.some(isSummary), LONG, 'a summary at the small tier');
  expect(large.requests.some(isSummary)).toBe(false);

  // The large tier dies in the middle of its work.
  small.now = 'talk';
  const before = s.model.requests.length;
  large.setFaults([{ fault: { fault: 'credit_too_low' } }]);
  await until(() => s.model.requests.length >= before + 3, LONG, 'turns at the small tier');
  await killed();
  await until(() => s.model.requests.length >= before + 6, LONG, 'turns after the second kill');
  small.now = 'right';
  await s.reaches(id, 'completed');

  const events = await s.events(id);
  const told = (type: string) => events.filter((event) => event.type === type);
  expect(told('agent.escalated')).toMatchObject([
    { persona: 'engineer', message: expect.stringContaining(`The task "${TITLE}" was red 2 times`) },
  ]);
  expect(told('tier.unavailable').map(({ data }) => [data?.tier, data?.instead, data?.operation])).toEqual([
    ['large', 'small', 'chat'],
    ['large', 'small', 'audit'],
  ]);

  const { entries, byTier, totalSpent, possibleSpent } = await s.costs(id);
  const tierOf: Record<string, string> = { main: 'small', other: 'large' };
  for (const { provider, tier } of entries) expect(tier).toBe(tierOf[provider]);
  const summaries = entries.filter(({ operation }) => operation === 'compaction');
  expect(new Set(summaries.map(({ tier }) => tier))).toEqual(new Set(['small']));
  expect(byTier.map(({ tier }) => tier).sort()).toEqual(['large', 'small']);
  expect(totalSpent + possibleSpent).toBeLessThanOrEqual(4);
  expectBooked(entries, 'main', s.model.billed(), await probed(s));
  expectBooked(entries, 'other', large.billed(), await probed(s));

  expect(await s.status(id)).toMatchObject({ provider: { id: 'main', tier: 'small' } });
  const steps = await s.json<TranscriptStep[]>('show', id);
  expect(steps[0]).toMatchObject({ provider: 'main', tier: 'small' });
  expect(steps.filter(({ provider }) => provider === 'other').every(({ tier }) => tier === 'large')).toBe(
    true,
  );
  const models = await s.json<ModelRecord[]>('models');
  expect(models.map(({ model, tier }) => `${tier} ${model}`).sort()).toEqual([
    'large claude-opus-4-6',
    'small scripted-1',
  ]);
  expect(models.reduce((sum, { provedTasks }) => sum + provedTasks, 0)).toBe(1);
  expect(s.model.requests.some(({ body }) => JSON.stringify(body)?.includes(AUDIT))).toBe(true);
});

const AUDIT = 'You are auditing task completion status';

/** What was billed lies between what is known and what is known or possible; a killed worker's reply may be lost. */
function expectBooked(entries: readonly CostEntry[], provider: string, billed: number, probes: number): void {
  const own = entries.filter((each) => each.provider === provider);
  const known = own.reduce((sum, { cost, possible }) => sum + (possible ? 0 : cost), 0);
  const possible = own.reduce((sum, { cost, possible: maybe }) => sum + (maybe ? cost : 0), 0);
  expect(known).toBeLessThanOrEqual(billed + 1e-9);
  expect(billed).toBeLessThanOrEqual(known + possible + probes + 1e-9);
}
