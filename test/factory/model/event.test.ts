import { describe, expect, it } from 'vitest';
import {
  EVENTS,
  type FactoryEvent,
  factoryEvent,
  isOwnWords,
  type NewEvent,
} from '../../../src/factory/model/event.ts';

const where = { projectId: 'p', level: 'info', message: 'said' } as const;

describe('an event that is written', () => {
  it('compiles only with a type that is known and with all that it has to carry', () => {
    const good: NewEvent[] = [
      { ...where, type: 'project.started' },
      { ...where, type: 'project.waiting', data: { for: 'rate' } },
      {
        ...where,
        type: 'gate.passed',
        data: {
          report: 'r',
          kind: 'finish',
          durationMs: 1,
          checks: [],
          changedDefinitions: [],
          objections: [],
        },
      },
    ];
    // @ts-expect-error a misspelt type
    const misspelt: NewEvent = { ...where, type: 'project.startd' };
    // @ts-expect-error what it waits for is missing
    const lacking: NewEvent = { ...where, type: 'project.waiting' };
    // @ts-expect-error something that nobody can wait for
    const wrong: NewEvent = { ...where, type: 'project.waiting', data: { for: 'rain' } };
    // @ts-expect-error a claim without its title
    const claim: NewEvent = { ...where, type: 'task.refused', data: { outcome: 'x' } };
    expect([...good, misspelt, lacking, wrong, claim]).toHaveLength(7);
  });

  it('is compared only with types that are known, and asked only for what some event carries', () => {
    const read = (event: FactoryEvent) => [
      // @ts-expect-error there is no such type
      event.type === 'project.begun',
      // @ts-expect-error no event carries it
      event.data?.durationMS,
      event.data?.durationMs,
    ];
    const event = {
      ...where,
      timestamp: '2026-11-22T10:00:00.000Z',
      type: 'gate.passed',
      data: { durationMs: 5 },
    };
    expect(read(factoryEvent.parse(event))).toEqual([false, undefined, 5]);
  });
});

describe('an event that is read', () => {
  it('may be of a type, and carry data, that another version wrote', () => {
    const old = {
      timestamp: '2026-01-01T00:00:00.000Z',
      projectId: 'p',
      type: 'step.done',
      message: 'm',
      data: { for: 'decision', x: [1] },
    };
    expect(factoryEvent.parse(old)).toEqual({ ...old, level: 'info' });
    for (const type of ['', 'step', 'Step.Done', 'constructor', 7, undefined])
      expect(factoryEvent.safeParse({ ...old, type }).success, String(type)).toBe(false);
    for (const data of ['x', 5, null, [1]])
      expect(factoryEvent.safeParse({ ...old, data }).success).toBe(false);
  });

  it('holds words of others where nobody knows better', () => {
    expect(Object.keys(EVENTS).filter((type) => !/^[a-z_]+(\.[a-z_]+)+$/.test(type))).toEqual([]);
    expect(['disk.low', 'tool.ran', 'something.new', 'constructor'].map(isOwnWords)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
