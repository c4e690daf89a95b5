import { describe, expect, test } from 'vitest';
import { config as configSchema } from '../../../../src/factory/config/config.ts';
import { createCourses } from '../../../../src/factory/finance/calls/course.ts';
import type { FinanceDeps } from '../../../../src/factory/finance/deps.ts';
import type { PaidCall, PaidOutcome } from '../../../../src/factory/ports.ts';
import { createMemoryState } from '../../../support/memory-state.ts';
import { PROJECT_ID, sampleProject } from '../../../support/samples.ts';
import { at, provider } from '../fixtures.ts';

const CANDIDATES = ['s', 'm', 'l'].map((id) => at(provider(id)));
const GONE: PaidOutcome = { kind: 'no_provider', for: 'credits', detail: 'Nobody.' };
const TIERS = { small: ['s'], medium: ['m'], large: ['l'] };

/** Opens courses of one process, and what it tells. */
function house(routing: object, tiers: object = TIERS) {
  const config = configSchema.parse({ tiers, routing });
  const { store } = createMemoryState([sampleProject()], []);
  const told: string[] = [];
  const record: FinanceDeps['record'] = async ({ type, message }) => void told.push(`${type} ${message}`);
  const open = createCourses({ state: store, config, record } as unknown as FinanceDeps);
  return {
    told,
    open: (call: Partial<PaidCall> = {}) =>
      open({ projectId: PROJECT_ID, persona: 'engineer', operation: 'chat', ...call }),
  };
}
type Course = Awaited<ReturnType<ReturnType<typeof house>['open']>>;
const ids = (course: Course) => course.permitted(CANDIDATES).map((each) => each.provider.id);

describe('the course of a call', () => {
  test('is free without tiers, and notes none', async () => {
    const { open } = house({}, {});
    const course = await open();
    expect(ids(course)).toEqual(['s', 'm', 'l']);
    expect(course.routeTo('s')).toEqual({});
    expect(await course.moveOn(GONE)).toBe(false);
    expect(course.aside).toBe(false);
  });

  test('goes on with the next tier when the wanted one is gone, and says so once', async () => {
    const { open, told } = house({ default: 'medium', judge: 'large' });
    const judge = { persona: 'factory-auditor', operation: 'audit' } as const;
    for (let call = 0; call < 3; call += 1) {
      const course = await open(judge);
      expect(ids(course)).toEqual(['l']);
      expect(course.routeTo('l')).toEqual({ tier: 'large' });
      expect(await course.moveOn(GONE)).toBe(true);
      expect(ids(course)).toEqual(['m']);
      expect(course.routeTo('m')).toEqual({ tier: 'medium', wanted: 'large', instead: 'medium' });
      expect(await course.moveOn(GONE)).toBe(false);
    }
    expect(told).toEqual([
      'tier.unavailable No provider of the tier large can be used, so judges go on with the tier medium.',
    ]);
    // It came back, and goes again.
    (await open(judge)).arrived();
    await (await open(judge)).moveOn(GONE);
    expect(told).toHaveLength(2);
  });

  test('begins with what took the place of the tier before, and comes back to that when this one is gone, too', async () => {
    const { open, told } = house({ default: 'small', escalate: { to: 'large' } });
    const escalated = { escalatedTo: 'large' } as const;
    const course = await open({ ...escalated, held: { wanted: 'large', instead: 'small' } });
    expect(ids(course)).toEqual(['s']);
    expect(course.routeTo('s')).toEqual({ tier: 'small', wanted: 'large', instead: 'small' });
    expect(await course.moveOn(GONE)).toBe(true);
    expect(course.routeTo('l')).toEqual({ tier: 'large' });
    expect(told).toEqual([]);
    // What was held for an escalation is nothing after it.
    expect(ids(await open({ held: { wanted: 'large', instead: 'medium' } }))).toEqual(['s']);
  });

  test('waits for a tier that is only busy, refuses once, or has no money of the project; and for any where its owner wants it', async () => {
    const wait: PaidOutcome = { kind: 'wait', for: 'rate', until: new Date(), detail: '' };
    const outcomes: PaidOutcome[] = [
      wait,
      { kind: 'budget', detail: '' },
      { kind: 'context', detail: '' },
      { kind: 'refused', detail: '', squeezed: false },
      { kind: 'aborted' },
    ];
    const { open } = house({ default: 'medium', judge: 'large' });
    const judge = { persona: 'factory-auditor', operation: 'audit' } as const;
    for (const outcome of outcomes) expect(await (await open(judge)).moveOn(outcome)).toBe(false);
    expect(await (await open(judge)).moveOn({ kind: 'refused', detail: '', squeezed: true })).toBe(true);
    const patient = house({ default: 'medium', judge: 'large', unavailable: 'wait' });
    expect(await (await patient.open(judge)).moveOn(GONE)).toBe(false);
  });

  test('of a summary goes to who can read it, without a word, and changes nothing of who works', async () => {
    const { open, told } = house({ default: 'medium', summarise: 'small' });
    const course = await open({ operation: 'compaction' });
    expect(ids(course)).toEqual(['s']);
    expect(course.aside).toBe(true);
    expect(await course.moveOn({ kind: 'context', detail: 'too long' })).toBe(true);
    expect(ids(course)).toEqual(['m']);
    expect(told).toEqual([]);
  });

  test('to a tier whose providers are none of those there is refused in words that name it', async () => {
    const { open } = house({ default: 'small' }, { small: ['gone'] });
    const course = await open();
    expect(ids(course)).toEqual([]);
    expect(course.refusal(CANDIDATES)).toMatch(
      /No provider of the tier small \(gone\) may work for engineer/,
    );
  });
});
