import { rm } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { dropFork } from '../../../src/factory/decisions/choose/owner-actions.ts';
import { type MergeDeps, mergeFork } from '../../../src/factory/decisions/merge/merge-fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { StateStore } from '../../../src/factory/ports.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { sampleReport } from '../../state/samples.ts';
import { withFolder } from '../../state/support.ts';
import { sampleTask } from '../../support/samples.ts';
import { by, tree } from './fork-races-support.ts';

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

describe.concurrent('a merge that its owner calls off while its gate runs', () => {
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

test.concurrent('a branch whose project was removed is not merged: it becomes a task of its parent', () =>
  withFolder(async (folder) => {
    const { state, deps, parent, a, now } = await tree(folder, {});
    const project = await choose(state, parent, 'evidence');
    await rm(state.projectFolder(a.id), { recursive: true });
    expect(await mergeFork(mergeHands(deps, {}), project)).toMatchObject({ kind: 'over' });
    expect((await now()).forks).toMatchObject([{ phase: 'handed_over' }]);
    expect((await state.tasks(parent.id).get()).tasks).toHaveLength(1);
  }));

test.concurrent('a merge whose parent stays dirty with nothing to commit becomes a task of its parent, and is not tried for ever', () =>
  withFolder(async (folder) => {
    const { state, deps, parent, now } = await tree(folder, {});
    await choose(state, parent, 'evidence');
    const base = mergeHands(deps, {});
    const merging = { ...base, git: { ...base.git, advanceBranch: async () => 'dirty' as const } };
    expect(await mergeFork(merging, await now())).toMatchObject({ kind: 'again' });
    expect(await mergeFork(merging, await now())).toMatchObject({ kind: 'over' });
    expect((await now()).forks).toMatchObject([{ phase: 'handed_over' }]);
    expect((await state.tasks(parent.id).get()).tasks).toHaveLength(1);
  }));

test.concurrent('a merge begins where the branch of its parent stands, whatever an earlier one had found uncommitted', () =>
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

test.concurrent('of two workers that make a merge at the same moment, both land the commit that was written down first', () =>
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

test.concurrent.each(['the branch of its parent has moved', 'the outputs are shared'] as const)(
  'A06 a worker that slept once %s leaves the tasks alone of a parent that another one has set to work again',
  (slept) =>
    withFolder(async (folder) => {
      const { state, deps, parent, a, now } = await tree(folder, {});
      const project = await choose(state, parent, 'evidence');
      const tasksOf = async () =>
        (await state.tasks(parent.id).get()).tasks.map(({ title, status }) => `${title}: ${status}`);
      await state
        .tasks(a.id)
        .update((list) => ({ ...list, tasks: [sampleTask({ title: 'of the branch' })] }));
      const base = mergeHands(deps, {});
      const meanwhile = async () => {
        expect(await mergeFork(base, await now())).toMatchObject({ kind: 'over' });
        expect(await tasksOf()).toEqual(['of the branch: in_progress']);
        const worked = sampleTask({ title: 'of the branch', status: 'completed' });
        await state.tasks(parent.id).update((list) => ({ ...list, tasks: [worked] }));
      };
      const sleepy: MergeDeps = slept.startsWith('the branch')
        ? {
            ...base,
            git: {
              ...base.git,
              async advanceBranch(...order) {
                const moved = await base.git.advanceBranch(...order);
                await meanwhile();
                return moved;
              },
            },
          }
        : {
            ...base,
            state: {
              ...state,
              async shareOutputs(...between) {
                await state.shareOutputs(...between);
                await meanwhile();
              },
            },
          };
      expect(await mergeFork(sleepy, project)).toMatchObject({ kind: 'over' });
      expect(await tasksOf()).toEqual(['of the branch: completed']);
    }),
);
