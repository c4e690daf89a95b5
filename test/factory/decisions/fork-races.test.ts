import { describe, expect, test } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { lentBudget } from '../../../src/factory/decisions/budget/shares.ts';
import { evaluateBranches } from '../../../src/factory/decisions/choose/evaluate-branches.ts';
import { dropFork } from '../../../src/factory/decisions/choose/owner-actions.ts';
import { pauseBranches } from '../../../src/factory/decisions/tree/whole-tree.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { DocumentStore, StateStore } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject } from '../../state/samples.ts';
import { withFolder } from '../../state/support.ts';
import { tree } from './fork-races-support.ts';

/** The store, where something happens just before or after one of the updates of this project, counted from 1. */
function interrupted(
  state: StateStore,
  id: string,
  at: { update: number; when: 'before' | 'after' },
  happen: () => Promise<unknown>,
): StateStore {
  let updates = 0;
  const project = (asked: string): DocumentStore<Project> => {
    const document = state.project(asked);
    if (asked !== id) return document;
    return {
      get: () => document.get(),
      later: (change) => document.later(change),
      async update(change) {
        updates += 1;
        const now = updates === at.update;
        if (now && at.when === 'before') await happen();
        const done = await document.update(change);
        if (now && at.when === 'after') await happen();
        return done;
      },
    };
  };
  return { ...state, project };
}

describe.concurrent('a fork that is only planned', () => {
  test('leaves its whole share to its parent when its owner gives it up', () =>
    withFolder(async (folder) => {
      const { deps, parent, now } = await tree(folder, { phase: 'planned' });
      expect(lentBudget(await now())).toBe(6);
      await dropFork(deps, parent);
      expect(lentBudget(await now())).toBe(0);
    }));

  test('is given up with the next look where it is opened while its owner gives it up: its branches do not run on', () =>
    withFolder(async (folder) => {
      const { state, deps, parent, now } = await tree(folder, { phase: 'planned' });
      const open = () =>
        state.project(parent.id).update((current) => ({
          ...current,
          forks: current.forks.map((fork) => ({ ...fork, phase: 'open' as const })),
        }));
      const racing = interrupted(state, parent.id, { update: 1, when: 'before' }, open);
      expect(await dropFork({ ...deps, state: racing }, parent)).toMatchObject({ changed: true });
      expect((await now()).forks).toMatchObject([{ phase: 'open', order: 'none' }]);
    }));
});

test.concurrent('a branch that its owner takes while all were being dropped is not dropped', () =>
  withFolder(async (folder) => {
    const { state, deps, parent, a, now } = await tree(folder, { phase: 'open' });
    const order = () =>
      state.project(parent.id).update((current) => ({
        ...current,
        forks: current.forks.map((fork) => ({ ...fork, order: a.id })),
      }));
    const racing = interrupted(state, parent.id, { update: 1, when: 'after' }, order);
    const git = createGitManager({ env: {} });
    const weighing = { ...deps, git, config: config.parse({}) };
    expect(await evaluateBranches({ ...weighing, state: racing }, parent)).toEqual([parent.id]);
    expect((await now()).forks).toMatchObject([{ phase: 'open', order: a.id }]);
    await evaluateBranches(weighing, await now());
    expect((await now()).forks).toMatchObject([
      { phase: 'merging', choice: { projectId: a.id, by: 'owner' } },
    ]);
  }));

test.concurrent('a pause reaches branches that were forked while it went through the tree', () =>
  withFolder(async (folder) => {
    const { state, deps, parent, a } = await tree(
      folder,
      { phase: 'open' },
      { status: 'active', settled: false, started: true, prepared: true },
    );
    const late = newUuid();
    const fork = async () => {
      await addProject(state, { id: late, parentProjectId: a.id, status: 'active', started: true });
      await state.project(a.id).update((current) => ({ ...current, childProjectIds: [late] }));
    };
    const racing = interrupted(state, a.id, { update: 1, when: 'before' }, fork);
    expect(await pauseBranches({ ...deps, state: racing }, parent.id)).toContain(late);
    expect((await state.project(late).get()).status).toBe('paused');
  }));
