import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { capOf } from '../../../src/factory/decisions/budget/cap.ts';
import { setBudget } from '../../../src/factory/decisions/budget/set-budget.ts';
import { dropFork, takeBranch } from '../../../src/factory/decisions/choose/owner-actions.ts';
import { reserveFork } from '../../../src/factory/decisions/fork/reserve-fork.ts';
import type { Fork, ForkPhase } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject, openStore } from '../../state/samples.ts';
import { withFolder } from '../../state/support.ts';
import { row } from '../finance/fixtures.ts';
import { makeFork } from './fork-fixture.ts';

/** A parent with a fork of two branches, of which `missing` has no folder. */
async function tree(
  folder: string,
  phase: ForkPhase,
  change: Partial<Fork> = {},
  children: Partial<Project> = {},
) {
  const { store: state } = openStore(folder);
  const ids = [newUuid(), newUuid()];
  const { endedAt: _endedAt, choice: _choice, outcome: _outcome, ...sample } = makeFork({ phase });
  const branches = sample.branches.map(({ spent: _spent, learnt: _learnt, ...branch }, index) => ({
    ...branch,
    projectId: ids[index] ?? '',
    budget: 3,
  }));
  const waiting = { for: 'project' as const, detail: 'Explores.', since: new Date() };
  const parent = await addProject(state, {
    name: 'parent',
    status: 'paused',
    started: true,
    prepared: true,
    waiting,
    childProjectIds: ids,
    settings: { commands: {}, allowGateChanges: false, budget: 9 },
    forks: [{ ...sample, branches, ...change }],
  });
  const settings = { commands: {}, allowGateChanges: false, budget: 3 };
  const common = {
    parentProjectId: parent.id,
    status: 'completed' as const,
    settled: true,
    settings,
    ...children,
  };
  const [a, b] = await Promise.all(
    ids.map((id, index) => addProject(state, { ...common, id, name: `branch ${index}` })),
  );
  if (a === undefined || b === undefined) throw new Error('two branches');
  const deps = { state, now: () => new Date(), record: async () => {} };
  return { state, deps, parent, a, b, now: () => state.project(parent.id).get() };
}

describe.concurrent('a branch that its owner takes', () => {
  test.each(['open', 'judging', 'ready'] as const)(
    'while the fork is %s is put down once, for the next look',
    (phase) =>
      withFolder(async (folder) => {
        const { deps, parent, a, now } = await tree(folder, phase);
        expect(await takeBranch(deps, a)).toMatchObject({ changed: true, touched: [parent.id] });
        expect(await now()).toMatchObject({
          waiting: { for: 'project' },
          forks: [{ phase: 'open', order: a.id }],
        });
        expect(await takeBranch(deps, a)).toMatchObject({ changed: false });
      }),
  );

  test('may be changed for another until it is being merged', () =>
    withFolder(async (folder) => {
      const { deps, a, b, now } = await tree(folder, 'ready');
      await takeBranch(deps, a);
      await takeBranch(deps, b);
      expect((await now()).forks[0]?.order).toBe(b.id);
    }));

  test('is refused at work, of another kind, and once the decision is taken', () =>
    withFolder(async (folder) => {
      const { deps, parent, a } = await tree(folder, 'open', {}, { status: 'active', settled: false });
      await expect(takeBranch(deps, a)).rejects.toMatchObject({ kind: 'usage', code: 'branch_at_work' });
      await expect(takeBranch(deps, parent)).rejects.toMatchObject({ kind: 'usage', code: 'no_branch' });
    }));

  test('is refused, as is going on without, when the project that it was forked from has ended', () =>
    withFolder(async (folder) => {
      const { deps, state, parent, a } = await tree(folder, 'open');
      const { version: before } = await state
        .project(parent.id)
        .update((current) => ({ ...current, status: 'failed' }));
      const ended = { kind: 'usage', code: 'project_ended' };
      await expect(takeBranch(deps, a)).rejects.toMatchObject(ended);
      await expect(dropFork(deps, a)).rejects.toMatchObject(ended);
      expect((await state.project(parent.id).get()).version).toBe(before);
    }));

  test.each(['merging', 'merged', 'handed_over', 'dropped'] as const)(
    'is refused when another is %s',
    (phase) =>
      withFolder(async (folder) => {
        const over = phase === 'merging' ? {} : { endedAt: new Date() };
        const { deps, a, b, state, parent } = await tree(folder, phase, over);
        await state.project(parent.id).update((current) => ({
          ...current,
          forks: current.forks.map((fork) => ({
            ...fork,
            choice: { projectId: b.id, by: 'evidence' as const, why: 'w' },
          })),
        }));
        await expect(takeBranch(deps, a)).rejects.toMatchObject({ kind: 'usage', code: 'fork_over' });
      }),
  );
});

describe.concurrent('a fork that its owner wants no branch of', () => {
  test.each(['open', 'judging', 'ready', 'merging'] as const)(
    'while it is %s is put down, by any of its projects',
    (phase) =>
      withFolder(async (folder) => {
        const { deps, parent, b, now } = await tree(folder, phase);
        await dropFork(deps, b);
        const [fork] = (await now()).forks;
        expect([fork?.phase, fork?.order, fork?.choice, fork?.merge]).toEqual([
          'open',
          'none',
          undefined,
          undefined,
        ]);
        expect(await dropFork(deps, parent)).toMatchObject({ changed: false });
      }),
  );

  test('cannot be given up once the merge is landing', () =>
    withFolder(async (folder) => {
      const merge = { commit: 'c', ours: 'o', theirs: 't', landing: true };
      const { deps, parent, now } = await tree(folder, 'merging', { merge });
      await expect(dropFork(deps, parent)).rejects.toMatchObject({ kind: 'usage', code: 'merge_landing' });
      expect((await now()).forks).toMatchObject([{ phase: 'merging', merge }]);
    }));

  test('is given up at once while it is only planned, also before its branches have folders', () =>
    withFolder(async (folder) => {
      const { deps, parent, a, state, now } = await tree(folder, 'planned');
      await rm(state.projectFolder(a.id), { recursive: true });
      await dropFork(deps, parent);
      expect(await now()).toMatchObject({ status: 'active', forks: [{ phase: 'dropped' }] });
    }));
});

describe.concurrent('a new cap for a tree', () => {
  test('changes the shares of branches at work with it, and a share alone cannot be changed', () =>
    withFolder(async (folder) => {
      const { state, parent, a, b } = await tree(folder, 'open', {}, { status: 'active', settled: false });
      await setBudget(state, parent.id, 12, new Date());
      const caps = () => Promise.all([parent, a, b].map(({ id }) => capOf(state, id, new Date())));
      expect(await caps()).toEqual([4, 4, 4]);
      await state.costs(a.id).append(row({ requestId: 'a', cost: 3 }));
      await setBudget(state, parent.id, 6, new Date());
      expect(await caps()).toEqual([1, 4, 1]);
      await expect(setBudget(state, a.id, 50, new Date())).rejects.toMatchObject({
        code: 'budget_of_branch',
      });
      expect(await caps()).toEqual([1, 4, 1]);
    }));

  test('holds from the moment in which the parent has it, also when the program died before the branches had', () =>
    withFolder(async (folder) => {
      const { state, parent, a } = await tree(folder, 'open', {}, { status: 'active', settled: false });
      await state.project(parent.id).update((current) => ({
        ...current,
        forks: current.forks.map((fork) => ({
          ...fork,
          branches: fork.branches.map((branch) => ({ ...branch, budget: 1 })),
        })),
      }));
      expect((await state.project(a.id).get()).settings.budget).toBe(3);
      expect(await capOf(state, a.id, new Date())).toBe(1);
      expect((await state.project(a.id).get()).settings.budget).toBe(1);
    }));
});

describe.concurrent('places for branches', () => {
  const RULES = { maxDepth: 2, maxProjects: 6 };

  test('are never more than the cap, also when branches fork at the same moment, and the same decision takes them once', () =>
    withFolder(async (folder) => {
      const { state, a, b } = await tree(folder, 'open');
      await state
        .project(a.parentProjectId ?? '')
        .update((current) => ({ ...current, treeForks: { [`${current.id}/x`]: 2 } }));
      const answers = await Promise.all([a, b].map((each) => reserveFork({ state }, each, 'd', 2, RULES)));
      expect(answers.filter((each) => each === null)).toHaveLength(1);
      expect(answers.find((each) => each !== null)).toContain('may be 6 at most');
      const granted = answers[0] === null ? a : b;
      expect(await reserveFork({ state }, granted, 'd', 2, RULES)).toBeNull();
      const { treeForks } = await state.project(a.parentProjectId ?? '').get();
      expect(Object.values(treeForks)).toEqual([2, 2]);
    }));

  test('are none below the deepest level', () =>
    withFolder(async (folder) => {
      const { state, a } = await tree(folder, 'open');
      expect(await reserveFork({ state }, a, 'd', 2, { ...RULES, maxDepth: 1 })).toContain('deeper than 1');
    }));
});
