import { expect, it } from 'vitest';
import { dispatch, handOn, reconcile } from '../../../src/factory/lifecycle/dispatch.ts';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';
import { makeFork } from '../decisions/fork-fixture.ts';

/** What a look for lost work asks for while the agent's document is behind its journal. */
async function jobsOf(agent: Partial<AgentState>, nextStep: number | undefined): Promise<NextJob[]> {
  const project = sampleProject({ started: true, prepared: true, status: 'active' });
  const { store } = createMemoryState([project], [sampleAgent({ ...agent, projectId: project.id })]);
  const jobs: NextJob[] = [];
  const enqueue = async (...added: NextJob[]) => void jobs.push(...added);
  const deps = { state: store, config: { auditInterval: 1e9 }, now: () => NOW, patience: 0 };
  await reconcile(
    {
      ...deps,
      answered: async () => false,
      abandonedEpoch: async () => undefined,
      nextStepOf: async () => nextStep,
    },
    { enqueue, ensure: enqueue, hasten: enqueue, missing: async () => [] },
  );
  return jobs;
}

it('a look for lost work asks for the step that the journal of an agent at work goes on with', async () => {
  for (const [nextStep, expected] of [
    [9, 9],
    [4, 5],
    [undefined, 5],
  ] as const) {
    const [job] = await jobsOf({ status: 'executing', nextStep: 5 }, nextStep);
    expect(job).toMatchObject({ queue: 'agent-steps', payload: { step: expected } });
  }
});

it('the step of a claim is that of the document, which is written before anybody may go on', async () => {
  const [job] = await jobsOf({ status: 'waiting_for_quality', nextStep: 5 }, 9);
  expect(job).toMatchObject({ queue: 'quality-gates', payload: { kind: 'finish', step: 5 } });
});

it('a step goes on to its end when the next one is on its way, and whoever must know that it is there can wait', async () => {
  const project = sampleProject({ started: true, prepared: true, status: 'active' });
  const { store } = createMemoryState([project], [sampleAgent({ projectId: project.id })]);
  const deps = { state: store, config: { auditInterval: 1e9 }, now: () => NOW };
  let answer = (): void => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const none = async () => {};
  const queue = { enqueue: () => answered, ensure: none, hasten: () => answered, missing: async () => [] };
  const { added } = await handOn(deps, queue, project.id);
  const said: string[] = [];
  const waits = dispatch(deps, queue, project.id).then(() => said.push('dispatched'));
  const known = added.then(() => said.push('added'));
  await handOn(deps, queue, project.id);
  expect(said).toEqual([]);
  answer();
  await Promise.all([waits, known]);
  expect(said.sort()).toEqual(['added', 'dispatched']);
});

const LATER = { detail: 'The day is spent.', since: NOW, until: new Date(NOW.getTime() + 3_600_000) };

it.each<[string, Partial<Project>, string[]]>([
  ['comes now where its owner resumed it: its step may be parked since before', {}, ['hasten engineer.4']],
  ['stays parked where it says until when', { waiting: { for: 'rate', ...LATER } }, ['enqueue engineer.4']],
  [
    'is a judge who may have been parked: its owner has it go on, or there is news',
    {
      status: 'paused',
      waiting: { for: 'project', detail: 'It explores a decision.', since: NOW },
      forks: [{ ...makeFork(), phase: 'judging' }],
    },
    ['hasten audit.1'],
  ],
  [
    'comes now, and an audit beside it is not hastened with every step',
    { startTime: new Date(0) },
    ['hasten engineer.4', 'enqueue audit.1'],
  ],
])('A164 parked-far: what a project needs next %s', async (_what, change, expected) => {
  const project = sampleProject({ started: true, prepared: true, status: 'active', ...change });
  const { store } = createMemoryState([project], [sampleAgent({ projectId: project.id })]);
  const asked: string[] = [];
  const note =
    (how: string) =>
    async (...jobs: NextJob[]) =>
      void asked.push(...jobs.map((job) => `${how} ${job.deduplicationId.slice(project.id.length + 1)}`));
  const queue = { enqueue: note('enqueue'), hasten: note('hasten'), ensure: note('ensure') };
  const deps = { state: store, config: { auditInterval: 1e9 }, now: () => NOW };
  await dispatch(deps, { ...queue, missing: async () => [] }, project.id);
  expect(asked).toEqual(expected);
});
