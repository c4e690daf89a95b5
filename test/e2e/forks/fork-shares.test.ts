import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { treeCosts } from '../../../src/factory/decisions/tree/tree-costs.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import {
  addTask,
  bad,
  busy,
  dear,
  decision,
  doors,
  type ForkHouse,
  finish,
  good,
  openForkHouse,
  write,
} from '../../support/fork-house.ts';
import { until } from '../../support/until.ts';

const start = [addTask, decision(['Plus', 'Loop'])];
const SECRET = 'what-nobody-may-see';

// One home, one Redis and two workers for all of them.
describe('what branches get of their parent', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const door = doors();
  let house: ForkHouse;
  let [sealed, raised, lowered]: string[] = [];

  const child = async (id: string, option: string): Promise<Project> => {
    const found = (await house.children(id)).find(
      ({ decisionContext }) => decisionContext?.option === option,
    );
    if (found === undefined) throw new Error(`there is no branch ${option}`);
    return found;
  };
  /** Waits until all branches of a project are at work. */
  const branching = async (id = ''): Promise<Project[]> => {
    await house.when(id, 'forked', ({ childProjectIds }) => childProjectIds.length > 0);
    const at = await house.children(id);
    return Promise.all(
      at.map((each) =>
        house.when(each.id, 'begun', ({ prepared, status }) => prepared && status !== 'initializing'),
      ),
    );
  };
  const budgets = (projects: readonly Project[]) =>
    projects.map(({ settings }) => settings.budget ?? Number.NaN);
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  const resume = (id: string | undefined, usd: number) =>
    house.s.df('resume', id ?? '', '--budget', String(usd));

  beforeAll(async () => {
    house = await openForkHouse([], 2, (close) => closers.push(close));
    const checks = [{ path: 'words.txt', executable: false, content: Buffer.from(`${SECRET}\n`) }];
    [sealed, raised, lowered] = await Promise.all([
      house.begin(
        'sealed',
        {
          start,
          options: {
            Plus: [write('a + b # cheat\n'), finish, busy],
            Loop: [door.wait('sealed'), ...good()],
          },
        },
        {
          sealed: {
            folder: house.s.repository.outside,
            files: checks,
            command: `grep -q ${SECRET.slice(0, 4)} words.txt && ! grep -q cheat sum.txt`,
            show: 'none',
          },
        },
      ),
      house.begin(
        'raised',
        {
          start,
          options: { Plus: [door.wait('raised'), ...good()], Loop: [door.wait('raised'), ...bad] },
        },
        { budget: 3 },
      ),
      house.begin(
        'lowered',
        {
          start,
          options: {
            Plus: [decision(['Deep', 'Deeper']), finish],
            Loop: [door.wait('lowered'), dear(busy)],
            Deep: [door.wait('lowered'), dear(busy)],
            Deeper: [door.wait('lowered'), dear(busy)],
          },
          after: good(),
        },
        { budget: 9 },
      ),
    ]);
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it('a branch that passes fewer of the sealed checks than a proved one is ended early; all gates had them, and no agent saw them', async () => {
    const id = sealed ?? '';
    await branching(id);
    const { gates } = house.services.state;
    const plus = await child(id, 'Plus');
    await until(async () => (await gates(plus.id).list()).some(({ kind }) => kind === 'finish'), 60_000);
    door.open('sealed');
    const ended = await house.ended(id);
    expect(ended.status, ended.statusReason).toBe('completed');
    const loop = await child(id, 'Loop');
    expect(await house.project(plus.id)).toMatchObject({
      status: 'failed',
      statusReason: '“Loop” is proved, and this branch passed 0 of 1 sealed checks against 1 of 1.',
    });
    expect(ended.forks[0]).toMatchObject({ phase: 'merged', choice: { projectId: loop.id, by: 'evidence' } });
    for (const each of [ended, plus, loop]) {
      expect((await house.services.state.sealed(each.id))?.map(({ path }) => path)).toEqual(['words.txt']);
      expect(each.settings.sealed).toEqual(ended.settings.sealed);
    }
    const passed = async (of: string, wanted: string) =>
      (await gates(of).list())
        .filter(({ kind }) => kind === wanted)
        .map(({ checks }) => checks.find((check) => check.sealed)?.passed);
    expect(await passed(plus.id, 'finish')).toEqual([false]);
    expect(await passed(loop.id, 'finish')).toEqual([true]);
    expect(await passed(id, 'merge')).toEqual([true]);
    for (const each of [id, plus.id, loop.id]) {
      const journal = await house.services.state.journal(each, 'engineer').entries();
      expect(JSON.stringify(journal)).not.toContain(SECRET);
    }
  });

  it('df resume --budget of the root gives each branch at work its part of the difference; that of a branch alone is refused', async () => {
    const branches = await branching(raised);
    const before = budgets(branches);
    expect(sum(before)).toBeCloseTo(2, 1);
    const refused = await house.s.df('resume', branches[0]?.id ?? '', '--budget', '5');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("is a share of its parent's"),
    ]);
    expect((await resume(raised, 6)).code).toBe(0);
    const after = budgets(await house.children(raised ?? ''));
    expect(after).toHaveLength(before.length);
    for (const [index, each] of after.entries()) expect(each).toBeCloseTo((before[index] ?? 0) + 1, 5);
    const root = await house.project(raised ?? '');
    expect(root.forks[0]?.branches.map(({ budget }) => budget)).toEqual(after);
    door.open('raised');
    const ended = await house.ended(raised ?? '');
    expect(ended.status, ended.statusReason).toBe('completed');
    expect(ended.forks[0]).toMatchObject({ phase: 'merged' });
  });

  it('a lower one reaches branches of branches, whose spending keeps within it, and the root goes on with the rest', async () => {
    const [plus] = await branching(lowered);
    const deep = await branching(plus?.id);
    expect((await resume(lowered, 1)).code).toBe(0);
    const shares = budgets(await house.children(lowered ?? ''));
    expect(sum(shares)).toBeLessThanOrEqual(2 / 3);
    const deepShares = budgets(await Promise.all(deep.map(({ id }) => house.project(id))));
    expect(sum(deepShares)).toBeLessThanOrEqual(((shares[0] ?? 0) * 2) / 3);
    door.open('lowered');
    const ended = await house.ended(lowered ?? '');
    const { totalSpent, possibleSpent, branches } = await treeCosts(house.services.state, ended.id);
    expect(totalSpent + possibleSpent).toBeLessThanOrEqual(1);
    expect(branches).toHaveLength(5);
    expect((await child(ended.id, 'Loop')).statusReason).toContain('is used up');
    expect(ended.status, ended.statusReason).toBe('completed');
    expect(ended.totalCost).toBeCloseTo(totalSpent, 9);
  });
});
