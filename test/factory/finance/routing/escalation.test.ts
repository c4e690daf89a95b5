import { describe, expect, test } from 'vitest';
import { config as configSchema } from '../../../../src/factory/config/config.ts';
import { escalation } from '../../../../src/factory/finance/routing/escalation.ts';
import type { Task } from '../../../../src/factory/model/task.ts';

const { routing } = configSchema.parse({
  tiers: { large: ['b'] },
  routing: { escalate: { afterRedGates: 2, to: 'large' } },
});
const task = (over: Partial<Task>) => ({ title: 'a', status: 'in_progress' as const, ...over });
const engineer = (redGates?: number) => ({
  personaName: 'engineer',
  ...(redGates === undefined ? {} : { redGates }),
});

describe('work that stays red', () => {
  test('goes on with another tier after so many red gates in a row, and says why', () => {
    expect(escalation(routing, engineer(), [])).toBeNull();
    expect(escalation(routing, engineer(1), [])).toBeNull();
    expect(escalation(routing, engineer(2), [])).toEqual({
      to: 'large',
      why: 'The gate of engineer was red 2 times in a row, so it goes on with the tier large until it is green.',
    });
  });

  test('is also a task whose own criteria were, while it is open and the agent can do something about it', () => {
    const red = { redRuns: ['engineer/4/0', 'engineer/6/0'] };
    expect(escalation(routing, engineer(), [task(red)])?.why).toContain('The task "a" was red 2 times');
    expect(escalation(routing, engineer(), [task({ redRuns: ['engineer/4/0'] })])).toBeNull();
    for (const status of ['completed', 'blocked', 'skipped'] as const)
      expect(escalation(routing, engineer(), [task({ ...red, status })])).toBeNull();
    expect(escalation(routing, engineer(), [task({ ...red, assignedPersona: 'tester' })])).toBeNull();
  });

  test('stays where it is without such a rule', () => {
    expect(escalation(configSchema.parse({}).routing, engineer(9), [])).toBeNull();
  });
});
