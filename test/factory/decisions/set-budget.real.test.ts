import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capOf } from '../../../src/factory/decisions/budget/cap.ts';
import { propagateBudget } from '../../../src/factory/decisions/budget/propagate-budget.ts';
import { flatten, readTree } from '../../../src/factory/decisions/tree/tree.ts';
import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { withFolder } from '../../state/support.ts';
import { type Compiled, compile } from '../../support/compiled.ts';
import { row } from '../finance/fixtures.ts';
import type { BudgetOrders } from './budget-setter.ts';
import { makeFork } from './fork-fixture.ts';

const SETTER = new URL('budget-setter.ts', import.meta.url);
let compiled: Compiled;
beforeAll(async () => {
  compiled = await compile(SETTER);
});
afterAll(() => compiled?.remove());

/** USD that each of a tree has spent, by its name. */
const SPENT: Record<string, number> = { root: 1, a: 0.5, aa: 2, ab: 0, b: 0.25, ba: 1.5, bb: 0.125 };
const all = (numbers: Iterable<number>) => [...numbers].reduce((sum, each) => sum + each, 0);

/** A root with two branches that have two each, all at work; `ab` waits for a budget. */
async function plant(home: string, cap: number | undefined): Promise<string> {
  const { store } = openStore(home);
  const ids = new Map(Object.keys(SPENT).map((name) => [name, newUuid()]));
  const idOf = (name: string) => ids.get(name) ?? '';
  const grow = async (name: string, budget: number | undefined, parent?: string) => {
    const below = name === 'root' ? ['a', 'b'] : name.length === 1 ? [`${name}a`, `${name}b`] : [];
    const share = budget === undefined ? {} : { budget: budget / 3 };
    const { endedAt: _ended, choice: _choice, outcome: _outcome, ...sample } = makeFork({ phase: 'open' });
    const branches: Fork['branches'] = sample.branches.map(
      ({ spent: _spent, learnt: _learnt, proved: _proved, budget: _budget, ...each }, index) => ({
        ...each,
        ...share,
        projectId: idOf(below[index] ?? ''),
      }),
    );
    const waits = below.length > 0 ? ('project' as const) : name === 'ab' ? ('budget' as const) : undefined;
    await addProject(store, {
      id: idOf(name),
      name,
      status: waits === undefined ? 'active' : 'paused',
      started: true,
      prepared: true,
      ...(waits === undefined ? {} : { waiting: { for: waits, detail: 'Waits.', since: new Date() } }),
      ...(parent === undefined ? {} : { parentProjectId: idOf(parent) }),
      settings: { commands: {}, allowGateChanges: false, ...(budget === undefined ? {} : { budget }) },
      childProjectIds: below.map(idOf),
      forks: below.length === 0 ? [] : [{ ...sample, branches }],
    });
    await store.costs(idOf(name)).append(row({ requestId: name, cost: SPENT[name] ?? 0 }));
    for (const each of below) await grow(each, share.budget, name);
  };
  await grow('root', cap);
  return idOf('root');
}

async function run(orders: BudgetOrders): Promise<{ writes: number; killed: boolean }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      compiled.file(SETTER),
      JSON.stringify(orders),
    ]);
    return { writes: Number(stdout), killed: false };
  } catch (error) {
    if (error instanceof Error && 'signal' in error && error.signal === 'SIGKILL')
      return { writes: 0, killed: true };
    throw error;
  }
}

type Store = ReturnType<typeof openStore>['store'];
const projectsOf = async (store: Store, id: string) => flatten(await readTree(store, id));

/** What each may spend, asked as its calls ask, in the order in which a file of them is most stale: the lowest first. */
async function most(store: Store, id: string): Promise<number> {
  const caps: number[] = [];
  for (const { id: each, name } of (await projectsOf(store, id)).toReversed()) {
    const cap = await capOf(store, each, new Date());
    caps.push(Math.max(cap ?? Number.POSITIVE_INFINITY, SPENT[name] ?? 0));
  }
  return all(caps);
}

/** As the look for lost work does it: every project by itself, in no order. */
async function lookForLostWork(store: Store, id: string): Promise<void> {
  for (let round = 0; round < 3; round += 1)
    for (const each of (await projectsOf(store, id)).toReversed())
      await propagateBudget(store, each.id, new Date());
}

function shape(projects: readonly Project[]) {
  return projects.map(({ name, status, settings, forks }) => ({
    name,
    status,
    budget: settings.budget,
    shares: forks.flatMap(({ branches }) => branches.map(({ budget }) => budget)),
  }));
}

describe('a new cap for a tree of three levels, killed -9 at each of its writes', () => {
  test.each([
    ['lowered', 27, 9],
    ['raised', 27, 60],
    ['the first one', undefined, 12],
  ] as const)(
    '%s: what all may spend never exceeds the cap of the root, and the look for lost work ends it',
    (_name, before, budget) =>
      withFolder(async (folder) => {
        const planted = join(folder, 'planted');
        const id = await plant(planted, before);
        const whole = join(folder, 'whole');
        await cp(planted, whole, { recursive: true });
        const { writes } = await run({ home: whole, id, budget });
        expect(writes).toBe(7);
        const wanted = shape(await projectsOf(openStore(whole).store, id));
        const untouched = shape(await projectsOf(openStore(planted).store, id));
        const limit = Math.max(budget, all(Object.values(SPENT)));
        for (let write = 0; write < writes; write += 1) {
          const at = `write ${write}`;
          const killed = async (moment: 'before' | 'after') => {
            const home = join(folder, `${write}-${moment}`);
            await cp(planted, home, { recursive: true });
            expect(await run({ home, id, budget, kill: { write, moment } }), at).toMatchObject({
              killed: true,
            });
            return openStore(home).store;
          };
          // Just before a write everything is as just after the one before it, but for the lock of a dead process.
          const [fixed, asked] = await Promise.all([killed('before'), killed('after')]);
          await lookForLostWork(fixed, id);
          expect(shape(await projectsOf(fixed, id)), at).toEqual(write === 0 ? untouched : wanted);
          expect(await most(asked, id), at).toBeLessThanOrEqual(limit + 1e-5);
        }
      }),
  );

  test('a branch that waited for a budget goes on with what a higher one gives it, and no other does', () =>
    withFolder(async (folder) => {
      const id = await plant(folder, 27);
      const { store } = openStore(folder);
      const waits = async () =>
        (await projectsOf(store, id))
          .filter(({ waiting }) => waiting?.for === 'budget')
          .map(({ name }) => name);
      await run({ home: folder, id, budget: 20 });
      expect(await waits()).toEqual(['ab']);
      await run({ home: folder, id, budget: 40 });
      expect(await waits()).toEqual([]);
      const [ab] = (await projectsOf(store, id)).filter(({ name }) => name === 'ab');
      expect(ab).toMatchObject({ status: 'active' });
      expect(ab?.statusReason).toBeUndefined();
    }));
});
