import { describe, expect, it } from 'vitest';
import type { Fork } from '../../../src/factory/model/fork.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { addProject } from '../../state/samples.ts';
import { CHILD_A, makeFork } from '../decisions/fork-fixture.ts';
import { openManagers } from './managers.ts';

describe('the project manager while branches of a decision are open', () => {
  const open = makeFork({ phase: 'open' });
  /** A project with a task of which its branches have a copy. */
  async function forked(statusOfBranches: Project['status'], change: Partial<Fork> = {}) {
    const managers = await openManagers({ status: 'active', started: true });
    const { state, projects, project } = managers;
    const { id } = await projects.addTask(project.id, { title: 'Log in' });
    const { tasks } = await projects.getTaskList(project.id);
    for (const branch of open.branches) {
      await addProject(state, {
        id: branch.projectId,
        parentProjectId: project.id,
        status: statusOfBranches,
      });
      await state.tasks(branch.projectId).update((list) => ({ ...list, tasks }));
    }
    const forks = () =>
      state.project(project.id).update((each) => ({ ...each, forks: [{ ...open, ...change }] }));
    return { ...managers, id, forks };
  }

  it.each<[Project['status'], string]>([
    ['active', `df tasks update ${CHILD_A.slice(0, 8)} `],
    ['completed', 'Change it here once the decision is taken'],
  ])(
    'changes no task that they have as well, which the merge would undo; they are %s: says where and when it can be',
    async (status, hint) => {
      const { projects, project, id, forks } = await forked(status);
      await forks();
      const before = await projects.getTaskList(project.id);
      await expect(projects.updateTask(project.id, 'Log in', { priority: 1 })).rejects.toMatchObject({
        ...{ code: 'task_in_branches', hint: expect.stringContaining(hint) },
      });
      expect(await projects.getTaskList(project.id)).toEqual(before);
      await projects.updateTask(project.id, id, { status: 'skipped' });
      await projects.addTask(project.id, { title: 'Log out' });
      await projects.updateTask(project.id, 'Log out', { priority: 1 });
      const { tasks } = await projects.getTaskList(project.id);
      expect(tasks).toMatchObject([{ status: 'skipped' }, { title: 'Log out', priority: 1 }]);
    },
  );

  it('takes back what came just as they were made, and says so', async () => {
    const { state, projects, project, id, forks } = await forked('active', { phase: 'planned' });
    const before = await projects.getTaskList(project.id);
    const stored = state.tasks;
    state.tasks = (of) => ({
      ...stored(of),
      async update(change) {
        state.tasks = stored;
        const list = await stored(of).update(change);
        await forks();
        return list;
      },
    });
    await expect(projects.updateTask(project.id, id, { priority: 1 })).rejects.toMatchObject({
      code: 'task_in_branches',
    });
    const { tasks, ownerNotes } = await projects.getTaskList(project.id);
    expect([tasks, ownerNotes]).toEqual([before.tasks, before.ownerNotes]);
  });
});
