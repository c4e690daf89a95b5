import { describe, expect, it } from 'vitest';
import { look, withTurn } from '../../../src/factory/backlog/give-turns.ts';
import { type Backlog, planTurns } from '../../../src/factory/backlog/plan-turns.ts';
import { resume, retry } from '../../../src/factory/model/lifecycle.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { StateStore } from '../../../src/factory/ports.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import { NOW, sampleProject } from '../../support/samples.ts';

const HOUR = 3_600_000;
const idOf = (index: number) => `0b8f1c1e-2f8e-4a3b-9c55-${String(index).padStart(12, '0')}`;

/** A project that was started and has no place yet. */
function waiting(index: number, change: Partial<Project> = {}): Project {
  return sampleProject({
    id: idOf(index),
    name: `p${index}`,
    status: 'initializing',
    prepared: false,
    queuedAt: new Date(NOW.getTime() + index),
    ...change,
  });
}

const atWork = (index: number, change: Partial<Project> = {}) =>
  sampleProject({ id: idOf(index), name: `p${index}`, turn: NOW, ...change });

const plan = (open: Project[], change: Partial<Backlog> = {}) =>
  planTurns({ open, ended: new Map(), limit: 2, ...change }, NOW);

const begun = (open: Project[], change: Partial<Backlog> = {}) =>
  plan(open, change).flatMap(({ id, becomes }) => (becomes === 'open' ? [Number(id.slice(-4))] : []));

describe('turns', () => {
  it('come by priority, then age, as many as there are free places', () => {
    const open = [waiting(1), waiting(2, { priority: 1 }), waiting(3), waiting(4, { priority: 5 })];
    expect(begun(open, { limit: 3 })).toEqual([2, 1, 3]);
    expect(begun([...open, atWork(9)], { limit: 3 })).toEqual([2, 1]);
  });

  it('never starve: after a day the last of all goes before what is new and first of all', () => {
    const old = waiting(1, { priority: 5 });
    const later = (hours: number) =>
      waiting(2, { priority: 1, queuedAt: new Date(NOW.getTime() + hours * HOUR) });
    expect(begun([old, later(23)], { limit: 1 })).toEqual([2]);
    expect(begun([old, later(25)], { limit: 1 })).toEqual([1]);
  });

  it('are given to nobody while branches of decisions take more places than there are', () => {
    const child = sampleProject({ id: idOf(8), prepared: false, status: 'initializing' });
    expect(begun([atWork(7), child, waiting(1)])).toEqual([]);
    expect(begun([atWork(7), waiting(1)])).toEqual([1]);
  });

  it('count an ended project until its worktree is put away, and none that was not started', () => {
    const tidied = atWork(7, { status: 'failed', settled: false });
    expect(begun([tidied, atWork(8), waiting(1)])).toEqual([]);
    expect(begun([waiting(1, { started: false, queuedAt: undefined })])).toEqual([]);
  });

  it('come to no project that was stopped before, though it is still to be settled', () => {
    const stopped = waiting(1, { status: 'failed', stopped: true });
    expect(plan([stopped, atWork(8), atWork(9)])).toEqual([]);
    expect(plan([stopped])).toEqual([]);
    expect(withTurn(stopped, { id: stopped.id, becomes: 'open' }, NOW)).toBe(stopped);
  });

  it('leave a project of an older program and one that its owner paused as they are', () => {
    const old = waiting(1, { queuedAt: undefined });
    const paused = waiting(2, { status: 'paused', waiting: { for: 'owner', detail: 'x', since: NOW } });
    expect(plan([old, paused])).toEqual([]);
  });

  it('are freed by projects that wait for their owner, once somebody wants them, and by no others', () => {
    const paused = (index: number, change: Partial<Project> = {}) =>
      atWork(index, { status: 'paused', waiting: { for: 'owner', detail: 'x', since: NOW }, ...change });
    const resting = (open: Project[]) =>
      plan(open).flatMap(({ id, becomes }) => (becomes === 'rest' ? [Number(id.slice(-4))] : []));
    expect(resting([paused(7), paused(8)])).toEqual([]);
    expect(resting([paused(7), paused(8), waiting(1)])).toEqual([7]);
    const until = { for: 'budget', detail: 'x', since: NOW, until: NOW } as const;
    const branches = { for: 'project', detail: 'x', since: NOW } as const;
    expect(resting([paused(7, { waiting: until }), paused(8, { waiting: branches }), waiting(1)])).toEqual(
      [],
    );
    expect(
      resting([paused(7, { keepsPlace: true }), paused(8, { parentProjectId: idOf(7) }), waiting(1)]),
    ).toEqual([]);
  });

  it('say what is waited for once', () => {
    const open = [atWork(7), atWork(8), waiting(1)];
    const [change] = plan(open);
    expect(change).toMatchObject({ becomes: 'waiting', waiting: { for: 'turn' } });
    const told = open.map((each) => (each.id === change?.id ? withTurn(each, change, NOW) : each));
    expect(plan(told)).toEqual([]);
  });

  it('look at each of a thousand projects as often as at each of a hundred', () => {
    const looksPerProject = (length: number) => {
      let looks = 0;
      const open = Array.from({ length }, (_, index) => {
        const after = index % 2 === 0 ? [idOf(index + 1)] : undefined;
        return new Proxy(waiting(index, { priority: 1 + (index % 5), after }), {
          get(project, name) {
            looks += name === 'status' ? 1 : 0;
            return Reflect.get(project, name);
          },
        });
      });
      plan(open, { limit: 16 });
      return looks / length;
    };
    const few = looksPerProject(100);
    expect(few).toBeGreaterThan(0);
    expect(looksPerProject(1_000)).toBeLessThan(2 * few);
  });
});

describe('a project that comes after others', () => {
  const ended = (project: Project) => ({ ended: new Map([[project.id, project]]) });

  it('waits until they are completed and tidied up', () => {
    const before = atWork(1);
    const after = waiting(2, { after: [before.id] });
    expect(plan([before, after])).toMatchObject([
      {
        id: after.id,
        becomes: 'waiting',
        waiting: { for: 'project', detail: 'Waits until p1 is completed.' },
      },
    ]);
    expect(begun([{ ...before, status: 'completed' }, after])).toEqual([]);
    expect(begun([after], ended({ ...before, status: 'completed', settled: true }))).toEqual([2]);
  });

  it.each([
    ['failed', {}, /p1 \(failed\)/],
    ['failed', { stopped: true }, /p1 \(stopped\)/],
    ['timeout', {}, /p1 \(out of time\)/],
  ] as const)('waits for its owner when one %s (%j)', (status, change, words) => {
    const before = atWork(1, { status, ...change });
    const after = waiting(2, { after: [before.id] });
    const [answer] = plan([after], ended(before));
    expect(answer).toMatchObject({ becomes: 'paused', waiting: { for: 'owner', after: [before.id] } });
    expect(withTurn(after, answer, NOW).statusReason).toMatch(words);
    expect(withTurn(after, answer, NOW).statusReason).toContain('df resume 0b8f1c1e goes on all the same');
  });

  it('A175 waits while the file of one cannot be read, says so, and holds up no others', async () => {
    const after = waiting(2, { after: [idOf(1), idOf(4)] });
    const other = waiting(3);
    const torn = new DarkFactoryError('environment', 'state_unreadable', 'project.yaml is cut off', '');
    const files = new Map<string, Project>([[idOf(4), atWork(4, { status: 'completed', settled: true })]]);
    const get = async (id: string) => files.get(id) ?? Promise.reject(torn);
    const state = {
      listOpenProjects: async () => [after, other],
      project: (id: string) => ({ get: () => get(id) }),
    } as unknown as StateStore;
    const changes = () => look({ state, config: { limits: { openProjects: 2 } } as never, now: () => NOW });
    expect(await changes()).toEqual([
      {
        ...{ id: after.id, becomes: 'waiting' },
        waiting: {
          for: 'project',
          detail: expect.stringContaining('0b8f1c1e (its project.yaml'),
          since: NOW,
        },
      },
      { id: other.id, becomes: 'open' },
    ]);
    files.set(idOf(1), atWork(1, { status: 'completed', settled: true }));
    expect(await changes()).toMatchObject([{ becomes: 'open' }, { becomes: 'open' }]);
  });

  it('is not told to retry a branch of a decision, which lives on with its parent alone', () => {
    const textAfter = (change: Partial<Project>) => {
      const before = atWork(1, { status: 'failed', ...change });
      const after = waiting(2, { after: [before.id] });
      return withTurn(after, plan([after], ended(before))[0], NOW).statusReason;
    };
    expect(textAfter({})).toContain('df retry');
    expect(textAfter({ parentProjectId: idOf(9) })).not.toContain('df retry');
  });

  it('waits for its owner when one is gone', () => {
    const after = waiting(2, { after: [idOf(1)] });
    expect(plan([after], { ended: new Map([[idOf(1), null]]) })).toMatchObject([{ becomes: 'paused' }]);
  });

  it('goes on without those when its owner resumes it', () => {
    const before = atWork(1, { status: 'failed', settled: true });
    const after = waiting(2, { after: [before.id, idOf(3)] });
    const [answer] = plan([after, atWork(3)], ended(before));
    const resumed = resume(withTurn(after, answer, NOW), NOW);
    expect(resumed).toMatchObject({ status: 'initializing', after: [idOf(3)] });
  });

  it('waits for one again that lives on, and then for its place in the queue', () => {
    const before = atWork(1, { status: 'failed', settled: true });
    const after = waiting(2, { after: [before.id] });
    const [answer] = plan([after], ended(before));
    const paused = withTurn(after, answer, NOW);
    const again = retry(before, NOW, { maxRuntime: HOUR, activeMs: 0 });
    expect(again).not.toHaveProperty('turn');
    const [next] = plan([again, paused]).filter(({ id }) => id === after.id);
    expect(withTurn(paused, next, NOW)).toMatchObject({
      status: 'initializing',
      waiting: { for: 'project' },
    });
    expect(begun([paused], ended({ ...before, status: 'completed' }))).toEqual([2]);
  });
});
