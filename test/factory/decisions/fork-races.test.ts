import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { config } from '../../../src/factory/config/config.ts';
import { lentBudget } from '../../../src/factory/decisions/budget/shares.ts';
import { evaluateBranches } from '../../../src/factory/decisions/choose/evaluate-branches.ts';
import { dropFork } from '../../../src/factory/decisions/choose/owner-actions.ts';
import { type MergeDeps, mergeFork } from '../../../src/factory/decisions/merge/merge-fork.ts';
import { pauseBranches } from '../../../src/factory/decisions/tree/whole-tree.ts';
import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { DocumentStore, StateStore } from '../../../src/factory/ports.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { addProject, openStore, sampleReport } from '../../state/samples.ts';
import { withFolder } from '../../state/support.ts';
import { makeFork } from './fork-fixture.ts';

const SETTINGS = { commands: {}, allowGateChanges: false };

/** A parent with a cap of $9 that explores one decision in two branches of $3, which have ended. */
async function tree(folder: string, change: Partial<Fork>, children: Partial<Project> = {}) {
  const { store: state } = openStore(folder);
  const ids = [newUuid(), newUuid()];
  const { endedAt: _ended, choice: _choice, outcome: _outcome, ...sample } = makeFork();
  const branches = sample.branches.map(({ spent: _spent, ...branch }, index) => ({
    ...branch,
    projectId: ids[index] ?? '',
    budget: 3,
  }));
  const parent = await addProject(state, {
    status: 'paused',
    started: true,
    prepared: true,
    waiting: { for: 'project', detail: 'Explores.', since: new Date() },
    childProjectIds: ids,
    settings: { ...SETTINGS, budget: 9 },
    forks: [{ ...sample, branches, ...change }],
  });
  const made = await Promise.all(
    ids.map((id) =>
      addProject(state, {
        id,
        parentProjectId: parent.id,
        status: 'failed',
        settled: true,
        settings: { ...SETTINGS, budget: 3 },
        ...children,
      }),
    ),
  );
  const [a = parent] = made;
  const deps = { state, now: () => new Date(), record: async () => {} };
  return { state, deps, parent, a, now: () => state.project(parent.id).get() };
}

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

const by = (who: 'owner' | 'evidence', projectId: string) => ({
  choice: { projectId, by: who, why: 'It is better.' },
});

function mergeHands(
  deps: Pick<MergeDeps, 'state' | 'now' | 'record'>,
  change: Partial<MergeDeps>,
): MergeDeps {
  let head = 'ours';
  return {
    ...deps,
    newId: newUuid,
    files: async () => ({}),
    gate: async ({ id }) => ({ ...sampleReport(newUuid(), id, new Date()), passed: true }),
    git: {
      head: async () => head,
      branchHead: async () => 'theirs',
      commitChanges: async () => null,
      mergeCommits: async () => ({ kind: 'merged', commit: newUuid() }),
      async advanceBranch(_repository, _worktree, from, to) {
        if (head === to) return 'advanced';
        if (head !== from) return 'moved';
        head = to;
        return 'advanced';
      },
    },
    ...change,
  };
}

function gate(): { open(): void; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

/** Makes what was chosen the first branch. */
async function choose(state: StateStore, parent: Project, who: 'owner' | 'evidence'): Promise<Project> {
  return state.project(parent.id).update((current) => ({
    ...current,
    forks: current.forks.map((fork) => ({
      ...fork,
      phase: 'merging' as const,
      ...by(who, fork.branches[0]?.projectId ?? ''),
    })),
  }));
}

describe('a merge that its owner calls off while its gate runs', () => {
  test.each(['owner', 'evidence'] as const)(
    'stays called off when the gate is red, and makes no task (chosen by %s)',
    (who) =>
      withFolder(async (folder) => {
        const { state, deps, parent, now } = await tree(folder, {});
        const project = await choose(state, parent, who);
        const merging = mergeHands(deps, {
          async gate({ id }) {
            await dropFork(deps, project);
            return { ...sampleReport(parent.id, id, new Date()), passed: false };
          },
        });
        expect(await mergeFork(merging, project)).toEqual({ kind: 'not_due' });
        expect((await now()).forks).toMatchObject([{ phase: 'open', order: 'none' }]);
        expect((await now()).waiting?.for).toBe('project');
        expect((await state.tasks(parent.id).get()).tasks).toEqual([]);
      }),
  );

  test('is not written down again by a worker that was just making it', () =>
    withFolder(async (folder) => {
      const { state, deps, parent, now } = await tree(folder, {});
      const project = await choose(state, parent, 'evidence');
      const merging = mergeHands(deps, {
        async files() {
          await dropFork(deps, project);
          return {};
        },
      });
      expect(await mergeFork(merging, project)).toEqual({ kind: 'not_due' });
      expect((await now()).forks[0]).not.toHaveProperty('merge');
    }));
});

test('a branch whose project was removed is not merged: it becomes a task of its parent', () =>
  withFolder(async (folder) => {
    const { state, deps, parent, a, now } = await tree(folder, {});
    const project = await choose(state, parent, 'evidence');
    await rm(state.projectFolder(a.id), { recursive: true });
    expect(await mergeFork(mergeHands(deps, {}), project)).toMatchObject({ kind: 'over' });
    expect((await now()).forks).toMatchObject([{ phase: 'handed_over' }]);
    expect((await state.tasks(parent.id).get()).tasks).toHaveLength(1);
  }));

test('a merge begins where the branch of its parent stands, whatever an earlier one had found uncommitted', () =>
  withFolder(async (folder) => {
    const { state, deps, parent } = await tree(folder, {});
    const project = await choose(state, parent, 'evidence');
    const base = mergeHands(deps, {});
    const steps = new Map<string, string>();
    const git: MergeDeps['git'] = {
      ...base.git,
      // A step that has made its commit does not make another one.
      async commitChanges(_repository, _worktree, _message, { step }) {
        steps.set(step, steps.get(step) ?? 'found earlier');
        return steps.get(step) ?? null;
      },
    };
    const at = (seconds: number) => ({ ...base, git, now: () => new Date(seconds * 1_000) });
    expect(await mergeFork(at(1), project)).toMatchObject({ kind: 'over' });
    expect(await mergeFork(at(2), project)).not.toMatchObject({ kind: 'again' });
    expect(steps.size).toBe(2);
  }));

test('of two workers that make a merge at the same moment, both land the commit that was written down first', () =>
  withFolder(async (folder) => {
    const { state, deps, parent, now } = await tree(folder, {});
    const project = await choose(state, parent, 'evidence');
    const landed: string[] = [];
    const base = mergeHands(deps, {});
    const moved = gate();
    const other = gate();
    const advanceBranch: MergeDeps['git']['advanceBranch'] = async (repository, worktree, from, to) => {
      landed.push(to);
      const outcome = await base.git.advanceBranch(repository, worktree, from, to);
      moved.open();
      return outcome;
    };
    const first = mergeFork(
      {
        ...base,
        git: {
          ...base.git,
          // Between the branch and the end of the fork.
          async advanceBranch(...order) {
            const outcome = await advanceBranch(...order);
            await other.opened;
            return outcome;
          },
        },
      },
      project,
    );
    const late: MergeDeps = {
      ...base,
      async files() {
        await moved.opened;
        return {};
      },
      git: { ...base.git, advanceBranch },
    };
    expect(await mergeFork(late, project)).toMatchObject({ kind: 'over' });
    other.open();
    expect(await first).toMatchObject({ kind: 'over' });
    expect(new Set(landed).size).toBe(1);
    expect((await now()).forks).toMatchObject([{ phase: 'merged', merge: { commit: landed[0] } }]);
  }));

describe('a fork that is only planned', () => {
  test('leaves its whole share to its parent when its owner gives it up', () =>
    withFolder(async (folder) => {
      const { deps, parent, now } = await tree(folder, { phase: 'planned' });
      expect(lentBudget(await now())).toBe(6);
      await dropFork(deps, parent);
      expect(lentBudget(await now())).toBe(0);
    }));

  test('and is opened while its owner gives it up, is given up with the next look: its branches do not run on', () =>
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

test('a branch that its owner takes while all were being dropped is not dropped', () =>
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

test('a pause reaches branches that were forked while it went through the tree', () =>
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
