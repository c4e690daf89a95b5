import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lentBudget, newShares, ownBudget, shares } from '../../../src/factory/decisions/budget/shares.ts';
import { type Fork, type ForkPhase, forkPhase, openFork } from '../../../src/factory/model/fork.ts';
import { sampleProject } from '../../support/samples.ts';
import { CHILD_A, CHILD_B, makeFork } from './fork-fixture.ts';

const usd = fc.double({ min: 0, max: 1_000, noNaN: true });

/** A fork whose two branches have these shares. */
function withShares(phase: ForkPhase, budgets: readonly (number | undefined)[]): Fork {
  const { endedAt: _endedAt, choice: _choice, ...fork } = makeFork({ phase });
  const branches = fork.branches.map(({ spent: _spent, budget: _budget, ...branch }, index) => {
    const budget = budgets[index];
    return budget === undefined ? branch : { ...branch, budget };
  });
  return { ...fork, branches };
}

describe('shares', () => {
  it('are equal parts of the money, one of which the parent keeps, and half of the time for all', () => {
    expect(shares({ budget: 9, time: 1_000 }, 2)).toEqual({ budget: 3, maxRuntime: 500 });
    expect(shares({ time: 1_000 }, 2)).toEqual({ maxRuntime: 500 });
  });

  it('never add up to more than there is, to the last millionth, and no child has no time at all', () => {
    fc.assert(
      fc.property(usd, fc.nat(10 ** 9), fc.integer({ min: 2, max: 10 }), (budget, time, children) => {
        const share = shares({ budget, time }, children);
        expect((share.budget ?? 0) * (children + 1)).toBeLessThanOrEqual(budget + 1e-9);
        expect(share.maxRuntime).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('what is lent', () => {
  it('is the whole share of a branch at work, and of one that has ended only what it spent', () => {
    expect(lentBudget({ forks: [withShares('open', [2, 3])] })).toBe(5);
    expect(lentBudget({ forks: [makeFork()] })).toBe(3.25);
    expect(lentBudget({ forks: [makeFork(), withShares('open', [2, 3])] })).toBe(8.25);
  });

  it('is nothing where there is no cap, and what is left is never below nothing', () => {
    expect(ownBudget(sampleProject({ forks: [withShares('open', [2, 3])] }))).toBeUndefined();
    const capped = sampleProject({ settings: { commands: {}, allowGateChanges: false, budget: 4 } });
    expect(ownBudget({ ...capped, forks: [withShares('open', [2, 3])] })).toBe(0);
  });

  it('a child may spend no more than its own document says, nor than its share in that of its parent', () => {
    const parent = { forks: [withShares('open', [2, 3])] };
    const child = (budget?: number) =>
      sampleProject({
        id: CHILD_A,
        settings: { commands: {}, allowGateChanges: false, ...(budget === undefined ? {} : { budget }) },
      });
    expect(ownBudget(child(5), parent)).toBe(2);
    expect(ownBudget(child(1), parent)).toBe(1);
    expect(ownBudget(child(), parent)).toBe(2);
  });
});

describe('the fork that a project waits for', () => {
  it('is one that is not over', () => {
    const over = new Set<ForkPhase>(['merged', 'handed_over', 'dropped']);
    for (const phase of forkPhase.options)
      expect(openFork({ forks: [makeFork({ phase })] }) === undefined, phase).toBe(over.has(phase));
  });
});

describe('a new cap', () => {
  const change = (
    before: number | undefined,
    budget: number,
    budgets: (number | undefined)[],
    spent: number[],
    caps: Record<string, number> = {},
  ) => {
    const fork = withShares('open', budgets);
    const [own = 0, a = 0, b = 0] = spent;
    const settings = {
      commands: {},
      allowGateChanges: false,
      ...(before === undefined ? {} : { budget: before }),
    };
    const branches = newShares({ settings, forks: [fork] }, fork, budget, {
      own,
      branches: new Map([
        [CHILD_A, a],
        [CHILD_B, b],
      ]),
      caps: new Map(Object.entries(caps)),
    });
    return { branches: branches.map((each) => each.budget), fork: { ...fork, branches } };
  };

  it('that is higher gives each its part of the difference', () => {
    expect(change(9, 12, [3, 3], [1, 2, 0]).branches).toEqual([4, 4]);
  });

  it('that is lower shares out what is left, and takes nothing that was spent', () => {
    expect(change(90, 40, [30, 30], [0, 30, 0]).branches).toEqual([30, 3.333333]);
    expect(change(90, 10, [30, 30], [5, 20, 10]).branches).toEqual([20, 10]);
  });

  it('that is the first one gives each branch a share', () => {
    expect(change(undefined, 12, [undefined, undefined], [1, 2, 0]).branches).toEqual([5, 3]);
  });

  it('that is the first one gives no branch more than its owner gave it', () => {
    const caps = { [CHILD_A]: 0.5 };
    expect(change(undefined, 12, [undefined, undefined], [0, 0, 0], caps).branches).toEqual([0.5, 4]);
  });

  it('after more was spent than the last cap, pays for that first', () => {
    expect(change(10, 20, [30, 30], [0, 30, 30]).branches).toEqual([30, 30]);
    expect(change(10, 70, [30, 30], [0, 30, 30]).branches).toEqual([33.333333, 33.333333]);
  });

  it('holds for the whole tree, whatever was spent of the old one: what all may spend is within it', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(usd, usd, fc.tuple(part, part, part), (before, budget, used) => {
        const share = shares({ budget: before, time: 1 }, 2).budget ?? 0;
        const spent = [used[0] * (before - 2 * share), used[1] * share, used[2] * share];
        const { branches, fork } = change(before, budget, [share, share], spent);
        const settings = { commands: {}, allowGateChanges: false, budget };
        const own = ownBudget({ id: 'root', settings, forks: [fork] }) ?? 0;
        // Nobody spends less than it has, nor more than it may.
        const most = [own, ...branches].map((cap, index) => Math.max(cap, spent[index] ?? 0));
        const all = most.reduce((sum, each) => sum + each, 0);
        const gone = spent.reduce((sum, each) => sum + each, 0);
        expect(all).toBeLessThanOrEqual(Math.max(budget, gone) + 1e-5);
      }),
      { numRuns: 150 },
    );
  });
});
