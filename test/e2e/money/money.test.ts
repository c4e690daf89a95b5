import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProviderDocument } from '../../../src/producers/documents/providers.ts';
import { LONG } from '../../support/looks.ts';
import { isProbe, modelForTest, type Script } from '../../support/model.ts';
import { priced, probed } from '../../support/priced.ts';
import { MEND_SUM, type Scenario, scenario } from '../../support/scenario.ts';
import { until } from '../../support/until.ts';

/** Thinks before each answer, which its vendor wants back. */
const thoughtful =
  (script: Script): Script =>
  async (turn) => {
    const answer = await script(turn);
    return 'fault' in answer || isProbe(turn)
      ? answer
      : { thinking: `thought ${turn.assistantTurns}`, ...answer };
  };

/** Providers are probed by themselves once an hour: what comes sooner has another cause. */
async function lookHourly(s: Scenario): Promise<void> {
  const config = join(s.home, 'config.yaml');
  const text = await readFile(config, 'utf8');
  await writeFile(config, text.replace('pollingInterval: 1s', 'pollingInterval: 1h'));
}

describe('credits', () => {
  it('A21 credits-out: another vendor takes over in mid-task; with both out it waits outside its time; with money back it goes on, and costs are what was billed', async () => {
    const key = 'sk-test-0123456789abcdef';
    const script = thoughtful(priced(MEND_SUM));
    const s = await scenario({ vendor: 'responses', script, model: { credits: { [key]: 0.15 } } });
    const other = await modelForTest({ script, credits: { 'other-key': 0.1 } });
    await s.json(
      ...[
        'provider',
        'add',
        '--name',
        'anthropic',
        '--id',
        'other',
        '--model',
        'claude-opus-4-6',
        '--priority',
        '2',
      ],
      ...['--base-url', other.url, '--api-key', 'other-key', '--price-in', '1', '--price-out', '2'],
    );
    const { id } = await s.init('switches');
    await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'waiting_for_credits');
    const waiting = await s.status(id);
    expect([s.model.ledger.length, other.ledger.length]).toEqual([3, 2]);
    expect(waiting).toMatchObject({
      waiting: { for: 'credits' },
      provider: { id: 'other', switchedFrom: 'main', reason: 'credits_exhausted' },
    });
    const change = { fromProvider: 'main', toProvider: 'other', reason: 'credits_exhausted' };
    expect(waiting).toMatchObject({ provider: { history: [change] } });
    for (const { switches } of await s.json<ProviderDocument[]>('provider', 'list'))
      expect(switches).toMatchObject([{ projectId: id, project: 'switches', ...change }]);
    expect((await s.df('provider', 'list')).stdout).toMatch(/switches: main → other, credits exhausted/);
    const shown = (await s.df('status', id)).stdout;
    expect(shown).toMatch(/other, switched from main at .*: credits exhausted/);
    expect(shown).toMatch(/Waiting .*for credits since .*until/);
    // Several probes of both go by, which cost nothing of the project's time.
    const asked = s.model.requests.length + other.requests.length;
    await until(() => s.model.requests.length + other.requests.length >= asked + 4, LONG);
    const later = await s.status(id);
    expect(later.agents).toEqual(waiting.agents);
    expect(later.project.activeMs).toBe(waiting.project.activeMs);
    s.model.topUp(key, 100);
    const ended = await s.reaches(id, 'completed');
    expect(ended.statusReason).toBe('Every task is done and proved.');
    const { totalSpent, possibleSpent, byProvider } = await s.costs(id);
    expect(possibleSpent).toBe(0);
    expect(totalSpent + (await probed(s))).toBeCloseTo(s.model.billed() + other.billed(), 9);
    const calls = s.model.ledger.filter(({ usd }) => usd > 0.04);
    expect(byProvider.find((each) => each.provider === 'main')?.cost).toBeCloseTo(calls.length * 0.05, 9);
    expect(calls.length).toBeGreaterThan(3);
    expect(s.model.requests.every(({ format }) => format === 'responses')).toBe(true);
    const woken = (await s.events(id)).filter((event) => event.type === 'project.woken');
    expect(woken).toHaveLength(1);
  });

  it('more credit by hand wakes a project at once, long before its next look', async () => {
    const s = await scenario({ script: priced(MEND_SUM), config: ['agent:', '  maxOutputTokens: 20000'] });
    await s.json('provider', 'update', 'main', '--credits', '0.1');
    await lookHourly(s);
    const { id } = await s.init('topped-up');
    await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'waiting_for_credits');
    const billed = s.model.ledger.length;
    expect(billed).toBeLessThanOrEqual(2);
    await s.json('provider', 'update', 'main', '--add-credits', '50');
    await s.reaches(id, 'completed');
    expect((await s.costs(id)).totalSpent + (await probed(s))).toBeCloseTo(s.model.billed(), 9);
  });

  it('a stated moment that passes is probed by itself, long before the next look', async () => {
    // A minute is as exact as this vendor says it: this one has passed. What is left is the margin of half a minute.
    const regainOn = `${new Date().toISOString().slice(0, 16).replace('T', ' at ')} UTC`;
    const s = await scenario({
      vendor: 'anthropic',
      script: priced(MEND_SUM),
      model: { faults: [{ fault: { fault: 'usage_limit', regainOn } }] },
    });
    await lookHourly(s);
    const { id } = await s.init('stated');
    await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'waiting_for_credits');
    const asked = s.model.requests.length;
    s.model.setFaults([]);
    await until(() => s.model.requests.length > asked, LONG);
    await s.reaches(id, 'completed');
  });

  it.each([
    ['a new key', ['set-key', 'main', '--api-key', 'good-key']],
    ['switching it on again', ['enable', 'main']],
  ])(
    '%s wakes a project whose only provider refused its key, long before the next look',
    async (_, command) => {
      const s = await scenario({
        script: priced(MEND_SUM),
        model: { faults: [{ fault: { fault: 'unauthorized' } }] },
      });
      await lookHourly(s);
      const { id } = await s.init('locked-out');
      await s.worker();
      await s.df('start', id);
      await s.reaches(id, 'waiting_for_credits');
      s.model.setFaults([]);
      expect((await s.df('provider', ...command)).code).toBe(0);
      await s.reaches(id, 'completed');
    },
  );

  it('probes and the wake-up survive a Redis that was emptied', async () => {
    const s = await scenario({ model: { faults: [{ fault: { fault: 'insufficient_quota' } }] } });
    const { id } = await s.init('flushed');
    await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'waiting_for_credits');
    execFileSync('redis-cli', ['-p', String(s.redis.port), 'flushall']);
    const asked = s.model.requests.length;
    await until(() => s.model.requests.length > asked, LONG);
    s.model.setFaults([]);
    await s.reaches(id, 'completed');
  });
});

describe('outages', () => {
  it('a Redis that goes away in the middle of a command is told as what it is, with what to do', async () => {
    const s = await scenario({
      script: async (turn) => {
        if (isProbe(turn)) await s.redis.kill();
        return { text: 'ok' };
      },
    });
    const { code, stderr } = await s.program('provider', 'probe', 'main');
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/^error: Redis at .* does not answer.*REDIS_URL/),
    ]);
  });
});
