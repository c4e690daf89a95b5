import { expect, it } from 'vitest';
import { dispatch, handOn, reconcile } from '../../../src/factory/lifecycle/dispatch.ts';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { NextJob } from '../../../src/queues/jobs/catalogue.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { NOW, sampleAgent, sampleProject } from '../../support/samples.ts';

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
  const queue = { enqueue: () => answered, ensure: none, hasten: none, missing: async () => [] };
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
