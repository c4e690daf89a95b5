import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BranchChoice, chooseBranch } from '../../../src/factory/decisions/choose/choose.ts';
import { dominated } from '../../../src/factory/decisions/choose/dominated.ts';
import type { BranchFigures } from '../../../src/factory/decisions/tree/figures.ts';
import { figures, lines } from './figures-fixture.ts';

const chosen = (choice: BranchChoice) => (choice.kind === 'chosen' ? choice : null);
const noTasks = figures('x').tasks;

describe('the automatic choice', () => {
  test('a branch that is not completed is never chosen, whatever else it has', () => {
    const cheap = { cost: 0, diff: lines(1), sealed: { passed: 9, total: 9 } };
    for (const status of ['active', 'paused', 'failed', 'timeout', 'waiting_for_credits'] as const) {
      const answer = chooseBranch([figures('a', { status, ...cheap }), figures('b')]);
      expect(answer).toMatchObject({ kind: 'chosen', id: 'b', by: 'evidence' });
    }
  });

  test('the only proved one is chosen, and the sentence tells the gates of both', () => {
    const failed = figures('b', {
      status: 'failed',
      gate: { kind: 'finish', passed: false, at: new Date(), checks: { passed: 2, total: 3 } },
    });
    expect(chosen(chooseBranch([figures('a'), failed]))?.why).toBe(
      'Only “A” is proved (3 of 3 checks of its gate passed, and its audit); “B” is failed with 2 of 3 checks of its gate passed.',
    );
  });

  test('none is chosen when none is proved, and it says how each ended', () => {
    const answer = chooseBranch([
      figures('a', { status: 'failed', gate: null }),
      figures('b', { diff: null }),
    ]);
    expect(answer).toEqual({
      kind: 'none',
      why: 'None of them is proved: “A” is failed without a gate; “B” is completed, but its branch is gone.',
    });
    expect(chooseBranch([])).toMatchObject({ kind: 'none' });
  });

  test.each<[string, Partial<BranchFigures>, Partial<BranchFigures>, RegExp]>([
    [
      'more sealed checks passed before everything else',
      { sealed: { passed: 10, total: 10 }, cost: 9, tests: null },
      { sealed: { passed: 9, total: 10 } },
      /10 of 10 sealed checks passed against 9 of 10 sealed checks passed of “B”/,
    ],
    [
      'a larger share of tasks proved',
      { cost: 9 },
      { tasks: { ...noTasks, proved: 3 } },
      /4 of 4 tasks proved against 3 of 4 tasks proved/,
    ],
    [
      'tests added against none',
      { cost: 9 },
      { tests: { before: 10, after: 10, added: 0 } },
      /2 tests added against 0 tests added/,
    ],
  ])('evidence decides: %s', (_, better, worse, why) => {
    const answer = chosen(chooseBranch([figures('b', worse), figures('a', better)]));
    expect(answer).toMatchObject({ id: 'a', by: 'evidence' });
    expect(answer?.why).toMatch(why);
  });

  test.each<[string, Partial<BranchFigures>, Partial<BranchFigures>]>([
    ['the cheaper one', { cost: 1 }, { cost: 2 }],
    ['the smaller one', { diff: lines(100) }, { diff: lines(300) }],
    ['what was perhaps billed counts', { possible: 0 }, { possible: 1 }],
    ['much cheaper outweighs a little larger', { cost: 1, diff: lines(120) }, { cost: 3, diff: lines(100) }],
  ])('of equal evidence the figures decide: %s', (_, better, worse) => {
    expect(chooseBranch([figures('a', worse), figures('b', better)])).toMatchObject({
      kind: 'chosen',
      id: 'b',
      by: 'figures',
    });
  });

  test('the sentence names cost and size of both', () => {
    expect(chosen(chooseBranch([figures('a'), figures('b', { cost: 2.5, diff: lines(300) })]))?.why).toBe(
      'Of equal evidence, “A” took less: $1.0000 and 100 changed lines against $2.5000 and 300 changed lines of “B”.',
    );
  });

  test.each<[string, Partial<BranchFigures>]>([
    ['nothing differs', {}],
    ['the cost differs by less than 10 %', { cost: 1.09 }],
    ['a tenth of a cent more was perhaps billed', { cost: 1, possible: 0.001 }],
    [
      'time, tokens, coverage and stated confidence differ',
      { activeMs: 1, tokens: 1, coverage: 99, confidence: 0.9 },
    ],
  ])('it is a tie when %s', (_, change) => {
    expect(chooseBranch([figures('b', change), figures('a')])).toEqual({ kind: 'tie', ids: ['a', 'b'] });
  });

  test('two free branches are told apart by their size alone', () => {
    const free = [figures('a', { cost: 0, diff: lines(900) }), figures('b', { cost: 0, diff: lines(50) })];
    expect(chooseBranch(free)).toMatchObject({ id: 'b' });
  });

  test('only those that tie for the best stand in a tie', () => {
    const three = [figures('c', { cost: 8 }), figures('b'), figures('a')];
    expect(chooseBranch(three)).toEqual({ kind: 'tie', ids: ['a', 'b'] });
  });

  test('the same branch given twice does not tie with itself', () => {
    expect(chooseBranch([figures('a'), figures('a')])).toMatchObject({ kind: 'chosen', id: 'a' });
  });
});

const amount = fc.oneof(
  fc.constantFrom(0, 1, Number.NaN, Number.POSITIVE_INFINITY, -1),
  fc.double({ min: 0, max: 50, noNaN: true }),
  fc.integer({ min: 0, max: 2_000 }),
);
const score = fc.option(
  fc.record({ passed: fc.integer({ min: 0, max: 3 }), total: fc.integer({ min: 0, max: 3 }) }),
);
const some = (id: string) =>
  fc
    .record({
      status: fc.constantFrom('completed' as const, 'completed' as const, 'failed' as const),
      sealed: score,
      proved: fc.integer({ min: 2, max: 4 }),
      added: fc.constantFrom(null, 0, 2, Number.NaN),
      cost: amount,
      possible: amount,
      diff: fc.option(fc.record({ insertions: amount, deletions: amount }), { freq: 10 }),
    })
    .map(({ proved, added, diff, ...rest }) =>
      figures(id, {
        ...rest,
        tasks: { ...noTasks, proved },
        tests: { before: 1, after: 1, added },
        diff: diff === null ? null : { commits: 1, files: 1, ...diff },
      }),
    );
/** Figures around the margin, where a rule with several margins would go in circles. */
const close = (id: string) =>
  fc
    .tuple(fc.integer({ min: 100, max: 130 }), fc.integer({ min: 100, max: 130 }))
    .map(([cost, insertions]) => figures(id, { cost, diff: lines(insertions) }));
const three = fc.tuple(some('a'), some('b'), some('c'));
const wins = (a: BranchFigures, b: BranchFigures) => chosen(chooseBranch([a, b]))?.id === a.id;

describe('for any figures', () => {
  test('the order of the branches changes nothing', () => {
    fc.assert(
      fc.property(
        three,
        fc.constantFrom([1, 0, 2], [2, 1, 0], [0, 2, 1], [2, 0, 1], [1, 2, 0]),
        (all, order) => {
          const turned = order.flatMap((index) => all[index] ?? []);
          expect(chooseBranch(turned)).toEqual(chooseBranch(all));
        },
      ),
    );
  });

  test.each([
    ['far apart', three, 1_000],
    ['close to each other', fc.tuple(close('a'), close('b'), close('c')), 3_000],
  ])('who beats one that beats a third beats the third: figures %s', (_, given, numRuns) => {
    fc.assert(
      fc.property(given, ([a, b, c]) => {
        if (wins(a, b) && wins(b, c)) expect(wins(a, c)).toBe(true);
      }),
      { numRuns },
    );
  });

  test('the chosen one is proved and loses to no other; those of a tie do not beat each other', () => {
    fc.assert(
      fc.property(three, (all) => {
        const answer = chooseBranch(all);
        const best = answer.kind === 'chosen' ? [answer.id] : answer.kind === 'tie' ? answer.ids : [];
        for (const one of all.filter(({ id }) => best.includes(id))) {
          expect(one).toMatchObject({ status: 'completed', diff: expect.anything() });
          expect(all.filter((other) => other.id !== one.id && wins(other, one))).toEqual([]);
        }
        expect(best.length === 0).toBe(
          !all.some(({ status, diff }) => status === 'completed' && diff !== null),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('a branch that cannot win any more', () => {
  const red = { kind: 'finish' as const, passed: false, at: new Date(), checks: { passed: 1, total: 3 } };
  const atWork = (change: Partial<BranchFigures>) =>
    figures('b', { status: 'active', settled: false, ...change });
  const shares = [
    { projectId: 'a', budget: 2, maxRuntime: 100_000 },
    { projectId: 'b', budget: 2, maxRuntime: 100_000 },
  ];
  const losers = (branch: BranchFigures, sibling = figures('a')) => dominated([sibling, branch], shares);

  test.each<[string, Partial<BranchFigures>, RegExp]>([
    [
      'budget',
      { gate: red, cost: 1.7, possible: 0.1 },
      /90 % of its share of budget .*red \(1 of 3 checks\)/,
    ],
    ['active time', { gate: red, activeMs: 95_000 }, /95 % of its share of active time/],
  ])('is one with a red gate at the end of its share of %s', (_, change, why) => {
    expect(losers(atWork(change))).toEqual([{ id: 'b', why: expect.stringMatching(why) }]);
  });

  test('is one whose sealed score is a tenth of all below that of the proved sibling', () => {
    const sibling = figures('a', { sealed: { passed: 10, total: 10 } });
    expect(losers(atWork({ sealed: { passed: 9, total: 10 } }), sibling)).toEqual([
      { id: 'b', why: '“A” is proved, and this branch passed 9 of 10 sealed checks against 10 of 10.' },
    ]);
    expect(losers(atWork({ sealed: { passed: 19, total: 20 } }), sibling)).toEqual([]);
  });

  test.each<[string, BranchFigures, BranchFigures?]>([
    ['its gate is green', atWork({ activeMs: 99_000 })],
    ['it has had no gate yet', atWork({ gate: null, activeMs: 99_000 })],
    ['its share is not used up', atWork({ gate: red, activeMs: 89_000, cost: 1 })],
    ['no sibling is proved', atWork({ gate: red, activeMs: 99_000 }), figures('a', { status: 'failed' })],
    [
      'the work of the proved one is gone',
      atWork({ gate: red, activeMs: 99_000 }),
      figures('a', { diff: null }),
    ],
    ['it has ended', figures('b', { status: 'failed', gate: red, activeMs: 99_000 })],
    ['nothing it used is a number', atWork({ gate: red, activeMs: Number.NaN, cost: Number.NaN })],
  ])('goes on while %s', (_, branch, sibling) => {
    expect(losers(branch, sibling)).toEqual([]);
  });

  test('without a cap on money, time alone counts', () => {
    const branch = atWork({ gate: red, cost: 1_000, activeMs: 10 });
    expect(dominated([figures('a'), branch], [{ projectId: 'b', maxRuntime: 100_000 }])).toEqual([]);
  });
});
