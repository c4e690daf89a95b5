import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nextJobs } from '../../../src/factory/lifecycle/next-jobs.ts';
import { loadSnapshot } from '../../../src/factory/lifecycle/snapshot.ts';
import type { TaskOrder, TaskUpdate } from '../../../src/factory/managers/task-order.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { openManagers } from './managers.ts';

describe('the project manager', () => {
  it.each<[string, object, string]>([
    ['a completed task by word', { status: 'completed' }, 'completed_needs_proof'],
    ['a field that only proof fills', { completionConfidence: 1 }, 'task_invalid'],
    ['evidence', { evidence: [{ passed: true }] }, 'task_invalid'],
    ['a field that there is not', { colour: 'red' }, 'task_invalid'],
    ['when it was made', { createdAt: new Date(0), priority: 1 }, 'task_invalid'],
    ['a task as it stands', { status: 'pending', completionConfidence: 0 }, 'nothing_to_change'],
    ['a status that there is not', { status: 'done' }, 'task_invalid'],
    ['a priority that there is not', { priority: 9 }, 'task_invalid'],
    ['an empty title', { title: ' \n ' }, 'invalid_title'],
    ['nothing', {}, 'nothing_to_change'],
    ['a persona that the project has not', { assignedPersona: 'nobody' }, 'persona_not_found'],
    ['a task that waits for itself', { dependencies: ['A'] }, 'task_refused'],
  ])('refuses %s, and the list stays as it was', async (_what, update, code) => {
    const { projects, project, events } = await openManagers();
    await projects.addTask(project.id, { title: 'A' });
    const before = await projects.getTaskList(project.id);
    await expect(projects.updateTask(project.id, 'A', update as TaskUpdate)).rejects.toMatchObject({ code });
    expect(await projects.getTaskList(project.id)).toEqual(before);
    expect(events).toEqual(['task.added']);
  });

  it('changes tasks in the name of the owner, tells the agent, and keeps it in the audit log', async () => {
    const { projects, project, events } = await openManagers();
    const { id } = await projects.addTask(project.id, { title: '  Say\nso ', assignedPersona: 'engineer' });
    await projects.updateTask(project.id, id, { note: 'soon', priority: 1 });
    await projects.updateTask(project.id, id.slice(0, 8), { status: 'skipped' });
    const { tasks, ownerNotes } = await projects.getTaskList(project.id);
    expect(tasks).toMatchObject([{ title: 'Say so', priority: 1, status: 'skipped', skippedBy: 'owner' }]);
    expect(ownerNotes).toHaveLength(3);
    expect(events).toEqual(['task.added', 'task.updated', 'task.skipped']);
  });

  it("takes the specification's whole task, new or handed back, and what differs of it counts", async () => {
    const { state, projects, project } = await openManagers();
    const { id, ...task } = await projects.addTask(project.id, {
      ...{ title: 'A', description: '', status: 'pending', priority: 2, dependencies: [] },
      ...{ createdAt: new Date(0), completionConfidence: 0, verificationNotes: [], startedAt: undefined },
    } as TaskOrder);
    expect(task).toMatchObject({ title: 'A', priority: 2, status: 'pending' });
    expect(task.createdAt).not.toEqual(new Date(0));
    await state.tasks(project.id).update((list) => ({
      ...list,
      tasks: list.tasks.map((each) => ({ ...each, status: 'completed', completionConfidence: 1 })),
    }));
    const [done] = (await projects.getTaskList(project.id)).tasks;
    expect(await projects.updateTask(project.id, id, { ...done, priority: 1 })).toMatchObject({
      ...{ priority: 1, status: 'completed', completionConfidence: 1 },
    });
    const [read] = JSON.parse(JSON.stringify((await projects.getTaskList(project.id)).tasks));
    await projects.updateTask(project.id, id, { ...read, status: 'skipped' });
    const [skipped] = (await projects.getTaskList(project.id)).tasks;
    expect(skipped).toMatchObject({ status: 'skipped', title: 'A' });
    await expect(
      projects.updateTask(project.id, id, { ...skipped, status: 'completed' }),
    ).rejects.toMatchObject({ code: 'completed_needs_proof' });
  });

  it.each<[string, object, string]>([
    ['is done', { status: 'completed' }, 'status cannot be said'],
    ['was verified', { verificationNotes: ['seen'] }, 'verificationNotes cannot be said'],
    ['has an id', { id: 'a' }, 'id cannot be said'],
  ])('adds no task that %s', async (_what, more, saying) => {
    const { projects, project } = await openManagers();
    await expect(projects.addTask(project.id, { title: 'A', ...more })).rejects.toMatchObject({
      ...{ code: 'task_invalid', message: expect.stringContaining(saying) },
      hint: expect.stringContaining('title, description, priority'),
    });
  });

  it('wants whole ids, and does not say otherwise', async () => {
    const { projects, project } = await openManagers();
    await expect(async () => projects.getTaskList(project.id.slice(0, 8))).rejects.toMatchObject({
      ...{ code: 'project_not_found', hint: expect.stringMatching(/whole id(?!.*shortened)/) },
    });
  });

  it('has no open question of a project that has ended, and has it again when that lives on', async () => {
    const { state, projects, project } = await openManagers({ status: 'active', started: true });
    const at = new Date().toISOString();
    await state
      .talk(project.id)
      .append(() => [{ type: 'question', id: randomUUID(), at, persona: 'engineer', question: 'Plus?' }]);
    const isOpen = async () => {
      const both = [await projects.getQuestions(), await projects.getQuestions(project.id)];
      return both.map((asked) => asked.map(({ open }) => open));
    };
    const becomes = (status: Project['status']) =>
      state.project(project.id).update((each) => ({ ...each, status }));
    expect(await isOpen()).toEqual([[true], [true]]);
    await becomes('failed');
    expect(await isOpen()).toEqual([[false], [false]]);
    await becomes('active');
    await projects.answerQuestion((await projects.getQuestions())[0]?.id ?? '', 'Plus.');
    expect(await isOpen()).toEqual([[false], [false]]);
  });

  it('changes nothing of a project that has ended', async () => {
    const { projects, project } = await openManagers({ status: 'completed' });
    const asked = [
      projects.addTask(project.id, { title: 'A' }),
      projects.updateTask(project.id, 'A', { priority: 1 }),
      projects.scheduleAudit(project.id, 60_000),
    ];
    for (const each of asked) await expect(each).rejects.toMatchObject({ code: 'project_ended' });
  });

  it.each(['completed', 'failed'] as const)(
    'takes back what came just as its project ended as %s, and says so',
    async (status) => {
      const { state, projects, project, events } = await openManagers({ status: 'active', started: true });
      await projects.addTask(project.id, { title: 'A' });
      const before = await projects.getTaskList(project.id);
      const tasks = state.tasks;
      const endsUnder = (id: string): ReturnType<typeof tasks> => ({
        ...tasks(id),
        async update(change) {
          const list = await tasks(id).update(change);
          state.tasks = tasks;
          await state.project(id).update((each) => ({ ...each, status }));
          return list;
        },
      });
      const hint =
        status === 'completed' ? `--base ${project.workBranch}` : `df retry ${project.id.slice(0, 8)}`;
      for (const late of [
        () => projects.addTask(project.id, { title: 'B' }),
        () => projects.updateTask(project.id, 'A', { description: 'More.' }),
      ]) {
        await state.project(project.id).update((each) => ({ ...each, status: 'active' }));
        state.tasks = endsUnder;
        await expect(late()).rejects.toMatchObject({
          code: 'project_ended',
          hint: expect.stringContaining(hint),
        });
        const { tasks: there, ownerNotes } = await projects.getTaskList(project.id);
        expect(there).toEqual(before.tasks);
        expect(ownerNotes).toEqual(before.ownerNotes);
      }
      expect(events).toEqual(['task.added']);
    },
  );

  it('has a project audited as often as it is told, whatever config.yaml says of all', async () => {
    const start = new Date('2026-01-01T00:00:00Z');
    const { state, projects, project, recorded } = await openManagers({
      ...{ status: 'active', started: true, prepared: true, startTime: start, baselineGate: 'baseline' },
    });
    const dueAfter = async (ms: number) => {
      const jobs = nextJobs(
        await loadSnapshot(state, project.id, { auditInterval: 1_800_000 }),
        new Date(start.getTime() + ms),
      );
      return jobs.some(({ queue }) => queue === 'audits');
    };
    expect([await dueAfter(1_799_999), await dueAfter(1_800_000)]).toEqual([false, true]);
    await projects.scheduleAudit(project.id, 120_000);
    expect(recorded).toMatchObject([{ type: 'audit.scheduled', data: { by: 'owner', intervalMs: 120_000 } }]);
    expect([await dueAfter(119_999), await dueAfter(120_000)]).toEqual([false, true]);
    for (const bad of [0, -1, 59_999, 60_000.5, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(projects.scheduleAudit(project.id, bad)).rejects.toMatchObject({
        code: 'interval_invalid',
      });
  });

  it('answers the list once an audit has its verdict, and says why there is none', async () => {
    const { state, projects, project, jobs, does } = await openManagers();
    does(async () => ({ outcome: 'done', detail: 'paused: the budget is used up' }));
    await expect(projects.auditTaskList(project.id)).rejects.toMatchObject({
      code: 'not_run',
      message: expect.stringContaining('the budget is used up'),
    });
    does(async () => {
      await state.project(project.id).update((current) => ({
        ...current,
        lastAudit: {
          ...{ kind: 'manual', round: 1, at: new Date(), commit: 'c', passed: false, judge: 'a' },
          findings: ['open'],
        },
      }));
      return { outcome: 'done', detail: 'found 1 open' };
    });
    expect((await projects.auditTaskList(project.id)).projectId).toBe(project.id);
    expect(jobs.map(({ payload }) => payload)).toEqual([
      { projectId: project.id, kind: 'manual', round: 1 },
      { projectId: project.id, kind: 'manual', round: 1 },
    ]);
  });
});
