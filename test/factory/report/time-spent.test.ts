import { describe, expect, test } from 'vitest';
import { type FactoryEvent, factoryEvent } from '../../../src/factory/model/event.ts';
import { type Activity, timeSpent } from '../../../src/factory/report/time-spent.ts';

const BEGIN = Date.parse('2026-11-22T22:00:00.000Z');
const at = (minutes: number) => new Date(BEGIN + minutes * 60_000);

/** An event so many minutes after the beginning. */
function event(minutes: number, type: string, more: Partial<FactoryEvent> = {}): FactoryEvent {
  return factoryEvent.parse({
    timestamp: at(minutes).toISOString(),
    projectId: 'p',
    type,
    message: type,
    ...more,
  });
}
const minutes = (each: number) => each * 60_000;
/** What is not zero, in minutes. */
function spent(events: FactoryEvent[], now: number): Partial<Record<Activity, number>> {
  const result = timeSpent(events, at(now));
  const sum = Object.values(result.spent).reduce((all, ms) => all + ms, 0);
  expect(sum).toBe(result.wallMs);
  const entries = Object.entries(result.spent).filter(([, ms]) => ms > 0);
  return Object.fromEntries(entries.map(([name, ms]) => [name, ms / 60_000]));
}

const started = event(0, 'project.started');
const prepared = event(10, 'project.prepared', { data: { durationMs: minutes(4) } });

describe('where the time went', () => {
  test('is nothing before the start, and stops at the end', () => {
    expect(spent([event(0, 'project.created')], 60)).toEqual({});
    expect(spent([started, event(5, 'project.failed'), event(9, 'gate.passed')], 60)).toEqual({ idle: 5 });
  });

  test('tells set-up, work, gates and the closing audit apart, whatever order the events come in', () => {
    const events = [
      started,
      prepared,
      event(14, 'gate.failed', { data: { kind: 'baseline', durationMs: minutes(3) } }),
      event(20, 'step.replied'),
      event(30, 'gate.passed', { data: { kind: 'finish', durationMs: minutes(6) } }),
      event(40, 'audit.passed', { data: { kind: 'closing', durationMs: minutes(8) } }),
      event(41, 'project.completed'),
    ];
    const expected = { idle: 6, setup: 4, gates: 9, audits: 8, working: 14 };
    expect(spent(events, 99)).toEqual(expected);
    expect(spent(events.toReversed(), 99)).toEqual(expected);
  });

  test('does not book waiting for room on a disk as waiting for a provider', () => {
    const events = [
      started,
      prepared,
      event(20, 'project.waiting', { data: { for: 'disk' } }),
      event(50, 'project.went_on'),
      event(55, 'project.paused', { data: { for: 'disk' } }),
    ];
    expect(spent(events, 60)).toEqual({ idle: 6, setup: 4, working: 15, disk: 35 });
  });

  test('leaves audits and gates beside the work with the work', () => {
    const events = [
      started,
      prepared,
      event(20, 'audit.failed', { data: { kind: 'periodic', durationMs: minutes(5) } }),
      event(30, 'gate.passed', { data: { kind: 'manual', durationMs: minutes(5) } }),
    ];
    expect(spent(events, 40)).toEqual({ idle: 6, setup: 4, working: 30 });
  });

  test.each([
    ['rate', [event(20, 'project.waiting', { data: { for: 'rate' } }), event(30, 'project.went_on')]],
    ['rate', [event(20, 'project.waiting', { data: { for: 'rate' } }), event(30, 'step.replied')]],
    ['provider', [event(20, 'project.waiting', { data: { for: 'provider' } }), event(30, 'project.went_on')]],
    ['credits', [event(20, 'project.waiting_for_credits'), event(30, 'project.woken')]],
    ['budget', [event(20, 'project.paused', { data: { for: 'budget' } }), event(30, 'project.resumed')]],
    ['decision', [event(20, 'project.paused', { data: { for: 'project' } }), event(30, 'project.resumed')]],
    ['paused', [event(20, 'project.paused'), event(25, 'tool.ran'), event(30, 'project.resumed')]],
  ] as const)('counts a wait as such: %s', (activity, events) => {
    expect(spent([started, prepared, ...events], 40)).toEqual({
      idle: 6,
      setup: 4,
      working: 20,
      [activity]: 10,
    });
  });

  test('tells the writing of sealed checks apart', () => {
    const events = [
      started,
      prepared,
      event(11, 'sealing.started'),
      event(14, 'step.replied', { persona: 'factory-sealer' }),
      event(15, 'sealed.written'),
    ];
    expect(spent(events, 20)).toEqual({ idle: 6, setup: 4, working: 6, sealing: 4 });
  });

  test('calls hours without a sign of life what they are, and no work', () => {
    const events = [started, prepared, event(20, 'step.replied'), event(500, 'step.replied')];
    expect(spent(events, 501)).toEqual({ idle: 486, setup: 4, working: 11 });
  });

  test('a gate that says it took longer than there was takes no more than there was', () => {
    const events = [
      started,
      prepared,
      event(12, 'gate.passed', { data: { kind: 'finish', durationMs: minutes(90) } }),
    ];
    expect(spent(events, 12)).toEqual({ idle: 6, setup: 4, gates: 2 });
  });

  test('thousands of events take a moment', () => {
    const events = Array.from({ length: 3_000 }, (_, index) => event(10 + index, 'tool.ran'));
    expect(timeSpent([started, ...events], at(3_010)).wallMs).toBe(minutes(3_010));
  });

  test('has a name for each wait, and counts the attempts together, without the time between them', () => {
    const waits = (['hours', 'turn', 'rate'] as const).flatMap((name, index) => [
      event(20 + 10 * index, 'project.waiting', { data: { for: name } }),
      event(25 + 10 * index, 'project.went_on'),
    ]);
    const key = event(50, 'project.waiting_for_credits', { data: { for: 'key' } });
    const before = [
      started,
      prepared,
      ...waits,
      key,
      event(60, 'project.stopped'),
      event(61, 'project.failed'),
    ];
    const first = { idle: 6, setup: 4, working: 20, hours: 5, turn: 5, rate: 5, key: 10 };
    // From 45 on it works again, until the key is refused.
    expect(spent(before, 500)).toEqual({ ...first, working: 20 + 5 });
    const again = [
      event(300, 'project.retried'),
      event(310, 'project.prepared', { data: { durationMs: minutes(10) } }),
    ];
    expect(spent([...before, ...again], 320)).toEqual({ ...first, working: 35, setup: 14 });
  });

  test('tells of a night without a worker, and of one that the machine slept through', () => {
    const away = (from: number, to: number, why: 'worker' | 'asleep') => ({
      from: at(from),
      to: at(to),
      why,
    });
    const absences = [away(20, 50, 'asleep'), away(60, 200, 'worker')];
    const events = [started, prepared, event(205, 'step.replied')];
    const { spent: parts, wallMs } = timeSpent(events, at(210), absences);
    expect(parts).toMatchObject({
      asleep: minutes(30),
      worker: minutes(140),
      working: minutes(30),
      idle: minutes(6),
    });
    expect(Object.values(parts).reduce((sum, ms) => sum + ms, 0)).toBe(wallMs);
    // Whoever was paused would not have been worked for anyway.
    const paused = timeSpent([started, prepared, event(12, 'project.paused')], at(210), absences).spent;
    expect(paused).toMatchObject({ asleep: 0, worker: 0, paused: minutes(198) });
  });
});
