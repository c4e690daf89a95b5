import { describe, expect, test } from 'vitest';
import { type FactoryEvent, factoryEvent } from '../../../src/factory/model/event.ts';
import type { Activity } from '../../../src/factory/report/standing.ts';
import { timeSpent } from '../../../src/factory/report/time-spent.ts';

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
function spent(events: FactoryEvent[], now: number, startTime?: Date): Partial<Record<Activity, number>> {
  const result = timeSpent({ startTime }, events, at(now));
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
    expect(timeSpent({}, [started, ...events], at(3_010)).wallMs).toBe(minutes(3_010));
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
    const { spent: parts, wallMs } = timeSpent({}, events, at(210), absences);
    expect(parts).toMatchObject({
      asleep: minutes(30),
      worker: minutes(140),
      working: minutes(30),
      idle: minutes(6),
    });
    expect(Object.values(parts).reduce((sum, ms) => sum + ms, 0)).toBe(wallMs);
    // Whoever was paused would not have been worked for anyway.
    const paused = timeSpent({}, [started, prepared, event(12, 'project.paused')], at(210), absences).spent;
    expect(paused).toMatchObject({ asleep: 0, worker: 0, paused: minutes(198) });
  });
});

describe('the time of a project that explores a decision', () => {
  const forked = event(20, 'project.forked');
  const weighed = (minute: number, phase: string) => event(minute, 'decision.weighed', { data: { phase } });

  test.each(['decision.merged', 'decision.dropped', 'decision.handed_over'])(
    'is a wait for its branches, however long, until %s',
    (type) => {
      const events = [started, prepared, forked, event(21, 'step.replied'), event(200, type)];
      expect(spent(events, 205)).toEqual({ idle: 6, setup: 4, working: 15, decision: 180 });
    },
  );

  test('is a pause from when its owner is to choose', () => {
    const events = [started, prepared, forked, weighed(50, 'ready'), event(80, 'decision.merged')];
    expect(spent(events, 85)).toEqual({ idle: 6, setup: 4, working: 15, decision: 30, paused: 30 });
    const failed = [started, prepared, forked, weighed(50, 'merging'), event(60, 'merge.failed')];
    expect(spent(failed, 70)).toEqual({ idle: 6, setup: 4, working: 10, decision: 40, paused: 10 });
  });

  test('is its pause while its owner has paused it, and a wait again after that', () => {
    const pause = [event(30, 'project.paused', { data: { for: 'owner' } }), event(40, 'project.resumed')];
    const merged = event(50, 'decision.merged');
    const parts = { idle: 6, setup: 4, working: 15, decision: 20, paused: 10 };
    expect(spent([started, prepared, forked, ...pause, merged], 55)).toEqual(parts);
  });

  test('is a wait again when it is retried with the decision still open', () => {
    const again = [
      event(100, 'project.retried'),
      event(110, 'project.prepared', { data: { durationMs: 0 } }),
    ];
    const events = [started, prepared, forked, event(30, 'project.stopped'), ...again];
    expect(spent(events, 120)).toEqual({ idle: 16, setup: 4, working: 10, decision: 20 });
  });
});

describe('the time of a project that did not begin with an order to start it', () => {
  test('counts from the start that its document has, of a branch of a decision', () => {
    expect(spent([prepared, event(20, 'step.replied')], 30, at(0))).toEqual({
      idle: 6,
      setup: 4,
      working: 20,
    });
  });

  test.each(['project.resumed', 'project.retried', 'project.started'])(
    'counts from %s where it was paused or stopped before',
    (type) => {
      const before = [event(1, 'project.paused', { data: { for: 'owner' } }), event(2, 'project.stopped')];
      const events = [
        ...before,
        event(100, type),
        event(110, 'project.prepared', { data: { durationMs: 0 } }),
      ];
      expect(spent(events, 115)).toEqual({ idle: 10, working: 5 });
    },
  );
});

describe('the time of a project of the backlog', () => {
  const wait = (minute: number, cause: string, type = 'project.waiting') =>
    event(minute, type, { data: { for: cause } });
  const begun = [
    event(60, 'project.turn'),
    event(70, 'project.prepared', { data: { durationMs: minutes(5) } }),
  ];

  test('tells the wait for another project and that for its turn apart from one for a provider', () => {
    const events = [started, wait(0, 'project'), wait(40, 'turn'), ...begun];
    expect(spent(events, 80)).toEqual({ project: 40, turn: 20, idle: 5, setup: 5, working: 10 });
  });

  test('is no pause any more when the project that it comes after lives on', () => {
    const events = [started, wait(0, 'owner', 'project.paused'), wait(40, 'project'), ...begun];
    expect(spent(events, 80)).toEqual({ paused: 40, project: 20, idle: 5, setup: 5, working: 10 });
  });

  test('goes on when a paused one is started again', () => {
    const events = [started, prepared, event(20, 'project.paused'), event(30, 'project.started')];
    expect(spent(events, 35)).toEqual({ idle: 6, setup: 4, working: 15, paused: 10 });
  });
});
