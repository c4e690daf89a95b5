import { describe, expect, it } from 'vitest';
import type { LeftOutFile } from '../../../src/factory/ports.ts';
import { processor } from '../../../src/workers/processors/projects.ts';
import { NOW, PROJECT_ID, sampleAgent } from '../../support/samples.ts';
import { createWorld, createWorldAtRest, HEAD, type WorldOptions } from './world.ts';

const CHILD_ID = '0b8f1c1e-2f8e-4a3b-9c55-1c8f5c1c0002';
const start = { action: 'start', projectId: PROJECT_ID } as const;
const stop = {
  action: 'stop',
  projectId: PROJECT_ID,
  outcome: 'failed',
  reason: 'Enough.',
  attempt: 1,
} as const;

/** Who holds the lease of every journal: `alive` for a worker that is at work. */
const leased = (holder: 'alive' | 'dead', job: string): WorldOptions => ({
  services: { openLease: async () => ({ epoch: 1, holder, job }) },
});

async function run(payload: Parameters<typeof processor>[0], options: WorldOptions) {
  const world = createWorldAtRest(options);
  const result = await processor(payload, world.context);
  return { ...world, result, types: world.events.map(({ type }) => type) };
}

describe('the start of a project', () => {
  const fresh = { status: 'initializing', prepared: false } as const;

  it('makes worktree and set-up, and then asks for what is next', async () => {
    const { result, project, acts, types } = await run(start, { project: fresh });
    expect(result.outcome).toBe('done');
    expect(await project()).toMatchObject({ status: 'active', prepared: true });
    expect(acts).toEqual(['git createWorktree', 'workspace prepareWorktree', `dispatch ${PROJECT_ID}`]);
    expect(types).toEqual(['project.prepared']);
  });

  it('makes nothing again that is there', async () => {
    const { acts } = await run(start, {});
    expect(acts).toEqual(['git validateWorktree', `dispatch ${PROJECT_ID}`]);
  });

  it('whose set-up fails waits for its owner', async () => {
    const { project, acts } = await run(start, {
      project: fresh,
      workspace: { prepareWorktree: async () => 'The set-up failed.' },
    });
    expect(await project()).toMatchObject(fresh);
    expect(acts.at(-1)).toBe(`pause ${PROJECT_ID} owner: The set-up failed.`);
  });

  it.each(['paused', 'completed', 'failed', 'timeout'] as const)(
    'is skipped when it is %s',
    async (status) => {
      const { result, acts } = await run(start, { project: { ...fresh, status } });
      expect(result).toEqual({ outcome: 'skipped', detail: `the project is ${status}` });
      expect(acts).toEqual([]);
    },
  );

  it('says what commit holds its work, so that a lost branch is not begun anew', async () => {
    const orders: object[] = [];
    const createWorktree = async (order: object) => void orders.push(order);
    const worked = { status: 'active', prepared: false, activeMs: 5, baseCommit: 'c'.repeat(40) } as const;
    await run(start, { project: worked, git: { createWorktree } });
    expect(orders).toMatchObject([{ worked: 'c'.repeat(40) }]);
  });

  it('of a branch waits until its fork is whole, and ends with a parent that ended before', async () => {
    const child = { ...fresh, id: CHILD_ID, parentProjectId: PROJECT_ID };
    const waits = await run({ ...start, projectId: CHILD_ID }, { others: [child] });
    expect(waits.result).toMatchObject({
      outcome: 'skipped',
      detail: expect.stringContaining('not whole yet'),
    });
    const ends = await run(
      { ...start, projectId: CHILD_ID },
      { project: { status: 'failed' }, others: [child] },
    );
    expect(await ends.state.project(CHILD_ID).get()).toMatchObject({ status: 'failed', endTime: NOW });
    expect(ends.acts).toEqual([`dispatch ${CHILD_ID}`]);
  });
});

describe('the end of a project', () => {
  const lastAudit = {
    kind: 'closing',
    round: 1,
    at: NOW,
    commit: HEAD,
    passed: true,
    judge: 'j',
    findings: [] as string[],
  } as const;
  const old = { endTime: new Date(NOW.getTime() - 120_000) };

  it('tells, saves, tidies up, puts the outcome down, and looks at the parent', async () => {
    const { result, project, acts, types } = await run(stop, {
      project: old,
      git: { holdsWork: async () => true },
    });
    expect(result).toEqual({ outcome: 'done', detail: 'failed: Enough.', workFailed: true });
    expect(await project()).toMatchObject({ status: 'failed', statusReason: 'Enough.', settled: true });
    expect(acts).toEqual([
      'watch',
      'git holdsWork',
      'git commitChanges',
      'workspace cleanup',
      'git deleteWorktree',
      'workspace removeScratchTrees',
      `dispatch parent of ${PROJECT_ID}`,
      'give turns',
      'scan',
    ]);
    expect(types).toEqual(['project.failed']);
  });

  it('keeps the worktree where config.yaml says so, with what lay in it committed', async () => {
    const given = { project: old, config: { worktree: { keep: 'all' } } };
    const { acts } = await run(stop, { ...given, git: { holdsWork: async () => true } });
    expect(acts).toContain('git commitChanges');
    expect(acts).not.toContain('git deleteWorktree');
  });

  it('names a file that was left out because it holds keys, and where its text is kept', async () => {
    const left: LeftOutFile = { path: '.env', text: 'KEY=1', findings: [] };
    const { events } = await run(stop, {
      project: old,
      git: {
        holdsWork: async () => true,
        commitChanges: async (_repository, _worktree, _message, _trailers, leaveOut) => {
          leaveOut?.([left]);
          return null;
        },
      },
    });
    expect(events).toMatchObject([
      { type: 'commit.left_out', message: expect.stringContaining('Its text is in output/left.log.') },
      { type: 'project.failed' },
    ]);
  });

  it('that is told late leaves the attempt that has begun since as it is, and has its worktree made again', async () => {
    const attempts = [{ startedAt: NOW, endedAt: NOW }, { startedAt: NOW }];
    const late = await run(stop, { project: { ...old, attempts } });
    expect(late.result.outcome).toBe('skipped');
    expect(late.acts).not.toContain('git deleteWorktree');
    const world = createWorldAtRest({
      project: old,
      git: {
        deleteWorktree: async () =>
          void (await world.state
            .project(PROJECT_ID)
            .update((each) => ({ ...each, status: 'active', attempts }))),
      },
    });
    expect(await processor(stop, world.context)).toMatchObject({ outcome: 'skipped' });
    expect(await world.project()).toMatchObject({ status: 'active', prepared: false, settled: false });
  });

  it('comes after what the owner said since the agents were done: one is told, and what follows is audited anew', async () => {
    const world = createWorldAtRest({
      project: { lastAudit, auditRounds: 1 },
      agents: [sampleAgent({ status: 'completed' })],
    });
    const said = {
      type: 'message',
      id: CHILD_ID,
      at: NOW.toISOString(),
      by: 'owner',
      text: 'One more thing.',
    } as const;
    await world.state.talk(PROJECT_ID).append(() => [said]);
    const completed = { ...stop, outcome: 'completed' } as const;
    expect(await processor(completed, world.context)).toMatchObject({ outcome: 'done' });
    expect(await world.agent()).toMatchObject({ status: 'thinking', nextStep: 5 });
    expect(await world.project()).toMatchObject({ status: 'active', settled: false, auditRounds: 1 });
    expect((await world.project()).lastAudit).toBeUndefined();
    expect(world.acts).toEqual(['watch', `dispatch ${PROJECT_ID}`, 'scan']);
    // Failed or stopped, it ends whatever was said.
    expect((await run(stop, { project: old })).types).toEqual(['project.failed']);
  });

  it('A160 late-end: as completed is none when its job comes again after its work has gone on', async () => {
    const completed = { ...stop, outcome: 'completed' } as const;
    const gone = await run(completed, { agents: [sampleAgent({ status: 'thinking' })] });
    expect(gone.acts).toEqual(['watch', `dispatch ${PROJECT_ID}`, 'scan']);
    expect(await gone.project()).toMatchObject({ status: 'active', settled: false, prepared: true });
    const world = createWorldAtRest({
      project: { lastAudit, auditRounds: 1 },
      agents: [sampleAgent({ status: 'completed' })],
      git: {
        deleteWorktree: async () =>
          void (await world.state
            .agent(PROJECT_ID, 'engineer')
            .update((agent) => ({ ...agent, status: 'thinking' }))),
      },
    });
    expect(await processor(completed, world.context)).toEqual({
      outcome: 'skipped',
      detail: 'its work has gone on',
    });
    expect(world.acts).toContain('git deleteWorktree');
    expect(await world.project()).toMatchObject({ status: 'active', settled: false, prepared: false });
  });

  it('is told once, also when its job is delivered again', async () => {
    const { context, events } = await run(stop, { project: old });
    const { length } = events;
    expect(await processor(stop, context)).toEqual({ outcome: 'skipped', detail: 'it has ended already' });
    expect(events).toHaveLength(length);
  });

  it('waits while work that was stopped a moment ago may still be under way', async () => {
    const given = { project: { status: 'failed' as const, endTime: NOW } };
    const { result, acts } = await run(stop, { ...given, ...leased('alive', 'another') });
    expect(result).toMatchObject({ outcome: 'parked', until: new Date(NOW.getTime() + 1_500) });
    expect(acts).not.toContain('git deleteWorktree');
    const dead = await run(stop, { ...given, ...leased('dead', 'another') });
    expect(dead.result.outcome).toBe('done');
  });
});

describe('a look for lost work', () => {
  it('A175 comes to all that is due, whichever part of it fails', async () => {
    const acts: string[] = [];
    const fails = (act: string) => async () => {
      acts.push(act);
      throw new Error(`${act} failed`);
    };
    const projectService = { giveTurns: fails('turns'), poll: fails('waits') };
    const bus = { ensure: async () => {}, missing: async () => [], isAtWork: async () => null };
    const { context } = createWorld({
      // Where no mark of a sweep can be made.
      ...{ project: { status: 'paused' }, data: '/dev/null' },
      services: {
        projectService: projectService as never,
        schedules: { tend: fails('schedules') } as never,
        queues: async () => ({ ...bus, limit: fails('limits'), enqueue: fails('forges') }) as never,
      },
    });
    const result = await processor({ action: 'reconcile' }, context);
    expect(result).toEqual({ outcome: 'done', detail: '1 open projects, 0 unreadable' });
    expect(acts).toEqual(['schedules', 'turns', 'waits', 'limits', 'forges']);
  });
});

describe('a fork', () => {
  const fork = { action: 'fork', projectId: PROJECT_ID } as const;

  it('is not made while an audit may still spend what would be shared out', async () => {
    const world = createWorldAtRest(leased('alive', 'audit'));
    await world.state
      .journal(PROJECT_ID, 'factory-auditor')
      .lease(1, { host: 'there', pid: 2, startedAt: '1' });
    expect(await processor(fork, world.context)).toMatchObject({
      outcome: 'parked',
      detail: 'an audit is under way',
    });
  });

  it('is skipped where no decision is pending, and its evaluation where nothing is explored', async () => {
    expect((await run(fork, {})).result).toMatchObject({ outcome: 'skipped' });
    const evaluate = await run({ action: 'weigh', projectId: PROJECT_ID }, {});
    expect(evaluate.result).toEqual({ outcome: 'skipped', detail: 'the project is active' });
  });
});
