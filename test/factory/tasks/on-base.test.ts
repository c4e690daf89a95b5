import { describe, expect, it } from 'vitest';
import type { CriterionOnBase, Evidence } from '../../../src/factory/model/task.ts';
import { completionConfidence } from '../../../src/factory/tasks/proof/evidence.ts';
import {
  neverRed,
  notSeenOnBase,
  seenRedText,
  withOnBase,
} from '../../../src/factory/tasks/proof/on-base.ts';
import { NOW, sampleTask } from '../../support/samples.ts';

const criterion = (name: string, fromPersona?: true) => ({
  name,
  command: `check ${name}`,
  expectedExitCode: 0,
  ...(fromPersona ? { fromPersona } : {}),
});
const seen = (name: string, seenRed: boolean | null): CriterionOnBase => ({
  ...criterion(name),
  seenRed,
  baseCommit: 'a'.repeat(40),
  at: NOW,
});
const passed = (name: string): Evidence => ({
  kind: 'criterion',
  name,
  command: `check ${name}`,
  passed: true,
  commit: 'b'.repeat(40),
  at: NOW,
});
const TASK = sampleTask({
  criteria: [criterion('one'), criterion('two')],
  evidence: [passed('one'), passed('two')],
});

describe('criteria on the base commit', () => {
  it('are asked for once each, and never those of the persona', () => {
    const task = withOnBase(TASK, [seen('one', true)]);
    expect(notSeenOnBase(task).map(({ name }) => name)).toEqual(['two']);
    expect(notSeenOnBase(sampleTask({ criteria: [criterion('gate', true)] }))).toEqual([]);
  });

  it('are asked for again when the command is another one', () => {
    const task = withOnBase(TASK, [seen('one', true), seen('two', true)]);
    const changed = { ...task, criteria: [{ ...criterion('one'), command: 'check more' }] };
    expect(notSeenOnBase(changed)).toEqual(changed.criteria);
    expect(withOnBase(changed, [seen('two', false)])).toMatchObject({ onBase: [] });
  });

  it('that pass there as well lower the confidence by their share, down to what the gate alone is worth', () => {
    const known = (...reds: (boolean | null)[]) =>
      completionConfidence(
        withOnBase(
          TASK,
          reds.map((red, index) => seen(index === 0 ? 'one' : 'two', red)),
        ),
      );
    expect(known(true, true)).toBe(0.8);
    expect(known(true, false)).toBe(0.65);
    expect(known(false, false)).toBe(0.5);
    // What could not be run there, or was not yet, is no reproach.
    expect(known(true, null)).toBe(0.8);
    expect(known()).toBe(0.8);
  });

  it('are counted in one sentence; what was skipped does not count', () => {
    const task = withOnBase(TASK, [seen('one', true), seen('two', false)]);
    const skipped = sampleTask({ status: 'skipped', criteria: [criterion('three')] });
    expect(seenRedText([task, skipped])).toBe('1 of 2 criteria have been seen red');
    expect(seenRedText([skipped])).toBeNull();
    expect(neverRed(task).map(({ name }) => name)).toEqual(['two']);
  });
});
