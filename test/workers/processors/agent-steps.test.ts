import { describe, expect, it } from 'vitest';
import { SEALER } from '../../../src/factory/model/sealing/sealer.ts';
import { processor } from '../../../src/workers/processors/agent-steps.ts';
import { NOW, PROJECT_ID, sampleAgent, sampleTask } from '../../support/samples.ts';
import type { Answer } from './paid-model.ts';
import { createWorld, type WorldOptions } from './world.ts';

const job = { projectId: PROJECT_ID, persona: 'engineer', step: 1 };
const answering = (answer: Answer, more: WorldOptions = {}) => createWorld({ answer: () => answer, ...more });

describe('a job of agent-steps', () => {
  it('takes one turn, saves where it left the agent and asks for the next step', async () => {
    const world = answering('I think.');
    expect(await processor(job, world.context)).toEqual({ outcome: 'done', detail: 'step 1: continue' });
    expect(await world.agent()).toMatchObject({ status: 'thinking', nextStep: 2, epoch: 1, startedAt: NOW });
    expect(world.jobs.map(({ queue, payload }) => [queue, payload])).toEqual([
      ['agent-steps', { ...job, step: 2 }],
    ]);
    expect(world.entries('engineer').map(({ type }) => type)).toEqual([
      ...['lease', 'note', 'request', 'reply', 'note', 'step_done'],
    ]);
  });

  it('asks for the gate after a claim of being done', async () => {
    const world = answering([['finish', { summary: 'All of it.' }]]);
    expect(await processor(job, world.context)).toMatchObject({ detail: 'step 1: finish' });
    expect(await world.agent()).toMatchObject({ status: 'waiting_for_quality', nextStep: 2 });
    expect(world.jobs).toMatchObject([{ queue: 'quality-gates', payload: { kind: 'finish', step: 2 } }]);
    expect(world.events.map(({ type }) => type)).toContain('agent.finished');
  });

  it('gives the tools of an agent their rules: a task is added once, under its owner', async () => {
    const world = answering([['add_tasks', { tasks: [{ title: 'Form', description: 'There is one.' }] }]]);
    await processor(job, world.context);
    expect(await world.tasks()).toMatchObject([{ title: 'Form', addedBy: 'engineer' }]);
  });

  it('is skipped when the project does not want it, and nothing is leased', async () => {
    const world = createWorld({ project: { status: 'paused' } });
    expect(await processor(job, world.context)).toEqual({
      outcome: 'skipped',
      detail: 'the project is paused',
    });
    expect(world.entries('engineer')).toEqual([]);
  });

  it('lets an act of the owner come first, and looks again soon; one whose time is over holds nothing', async () => {
    const in30s = new Date(NOW.getTime() + 30_000);
    const held = createWorld({ project: { heldUntil: in30s } });
    const soon = new Date(NOW.getTime() + 1_000);
    expect(await processor(job, held.context)).toMatchObject({ outcome: 'parked', until: soon });
    expect(held.entries('engineer')).toEqual([]);
    const over = createWorld({ answer: () => 'I think.', project: { heldUntil: NOW } });
    expect(await processor(job, over.context)).toMatchObject({ outcome: 'done' });
  });

  it('is skipped when the step is over, and the state follows the journal: what the agent was at is blocked with it', async () => {
    const world = createWorld({
      agents: [sampleAgent({ nextStep: 1, epoch: 0, currentTask: sampleTask().id })],
    });
    await world.state.tasks(PROJECT_ID).update((list) => ({ ...list, tasks: [sampleTask()] }));
    const writer = await world.state
      .journal(PROJECT_ID, 'engineer')
      .lease(1, await world.context.services.holder());
    await writer?.append({ type: 'step_done', outcome: 'blocked', reason: 'It went in circles.' });
    expect(await processor(job, world.context)).toEqual({
      outcome: 'skipped',
      detail: 'already taken; the state was behind its journal',
    });
    expect(await world.agent()).toMatchObject({ status: 'blocked', blockedReason: 'It went in circles.' });
    expect(await world.tasks()).toMatchObject([{ status: 'blocked' }]);
    expect(world.jobs).toMatchObject([{ queue: 'projects', payload: { action: 'stop', outcome: 'failed' } }]);
  });

  it('books what a dead worker left open, and goes on where its journal ends', async () => {
    const world = answering('Go on.');
    const writer = await world.state
      .journal(PROJECT_ID, 'engineer')
      .lease(1, await world.context.services.holder());
    const lost = { requestId: 'lost', provider: 'p', model: 'm', operation: 'chat', reserved: 1 } as const;
    await writer?.append({ type: 'request', ...lost });
    await processor(job, world.context);
    expect(world.booked).toEqual(['lost lost']);
    expect(world.events.map(({ type }) => type)).toContain('lease.taken_over');
  });

  it('tells of each lost worker once, also of one whose successor was overtaken before it could tell', async () => {
    const world = createWorld({
      services: { liveness: async ({ pid }) => (pid === 100 ? 'dead' : 'alive') },
    });
    const { services } = world.context;
    const journal = world.state.journal(PROJECT_ID, 'engineer');
    await journal.lease(1, { host: 'here/boot/ns', pid: 100, startedAt: '0' });
    // Two jobs of one worker ask for the step at once, and the later lease ends the earlier.
    await journal.lease(1, { ...(await services.holder()), job: 'agent-steps/other' });
    await processor(job, world.context);
    const told = world.events.filter(({ type }) => type === 'lease.taken_over');
    expect(told).toMatchObject([{ step: 1, data: { lost: 1, holder: { pid: 100 } } }]);
  });

  it('gives a step up that ended as many workers as config.yaml allows', async () => {
    const world = createWorld();
    const { services } = world.context;
    const journal = world.state.journal(PROJECT_ID, 'engineer');
    for (let worker = 0; worker < services.config.limits.crashes; worker += 1)
      await journal.lease(1, { host: 'here/boot/ns', pid: 100 + worker, startedAt: `${worker}` });
    expect(await processor(job, world.context)).toMatchObject({ outcome: 'done' });
    expect(await world.project()).toMatchObject({ status: 'paused', waiting: { for: 'owner' } });
    expect(world.asked).toEqual([]);
  });

  it.each([
    ['a moment', { kind: 'wait', for: 'rate', until: NOW, detail: 'slow' }, 'parked', { status: 'active' }],
    [
      'a provider',
      { kind: 'no_provider', for: 'credits', detail: 'empty' },
      'done',
      { status: 'waiting_for_credits' },
    ],
    [
      'a budget',
      { kind: 'budget', detail: 'spent' },
      'done',
      { status: 'paused', waiting: { for: 'budget' } },
    ],
    [
      'its owner',
      { kind: 'ledger', detail: 'gone' },
      'done',
      { status: 'paused', waiting: { for: 'owner' } },
    ],
    ['another provider', { kind: 'not_permitted', detail: 'no' }, 'done', { status: 'paused' }],
  ] as const)(
    'waits for %s without an end of the step: anybody may take it up',
    async (_what, answer, outcome, project) => {
      const world = answering(answer);
      expect(await processor(job, world.context)).toMatchObject({ outcome });
      expect(await world.project()).toMatchObject(project);
      expect(await world.agent()).toMatchObject({ status: 'thinking', nextStep: 1 });
      expect(world.entries('engineer').at(-1)).toMatchObject({ type: 'released' });
    },
  );

  it('is interrupted when the worker goes down, and puts the step down', async () => {
    const world = answering({ kind: 'aborted' });
    world.cut.abort();
    expect(await processor(job, world.context)).toMatchObject({ outcome: 'interrupted' });
    expect(world.entries('engineer').at(-1)).toMatchObject({ type: 'released' });
  });

  it('of the writer of sealed checks is skipped when they are sealed', async () => {
    const world = createWorld();
    expect(await processor({ ...job, persona: SEALER }, world.context)).toMatchObject({
      detail: 'the checks are sealed',
    });
  });
});
