import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/factory/model/task.ts';
import { processor } from '../../../src/workers/processors/audits.ts';
import { PROJECT_ID, samplePersona } from '../../support/samples.ts';
import { audited, closing, DONE, gate, verdict } from './audited.ts';
import { HEAD } from './world.ts';

describe('a closing audit of what several personas have worked on', () => {
  const OLD = 'b'.repeat(40);
  const styled = samplePersona('engineer', 1);
  const personas = [
    { ...styled, acceptanceCriteria: { ...styled.acceptanceCriteria, formatPass: true } },
    samplePersona('tester', 2),
  ];
  const agents = [DONE, { ...DONE, personaName: 'tester' }];
  const world = (task: Partial<Task> = {}) =>
    audited({ project: { personas }, agents, answer: () => verdict(true) }, task);

  it('has the gate of each run at the last commit first, once, and passes without it for nobody', async () => {
    const { context, gates, jobs, agent, entries, state, asked } = await world({
      assignedPersona: 'engineer',
    });
    gates.splice(0, 1, gate(OLD), gate(HEAD, 'tester'));
    expect(await processor(closing, context)).toEqual({
      outcome: 'done',
      detail: 'gates at the last commit come first: engineer',
    });
    expect(await agent()).toMatchObject({
      ...{ status: 'waiting_for_quality', nextStep: 2, roundsBefore: 1 },
    });
    expect(entries('engineer').at(-1)).toMatchObject({ type: 'step_done', outcome: 'finish' });
    expect(jobs).toMatchObject([
      { queue: 'quality-gates', payload: { kind: 'finish', persona: 'engineer' } },
    ]);

    await state.agent(PROJECT_ID, 'engineer').update((each) => ({ ...each, status: 'completed' }));
    expect(await processor(closing, context)).toMatchObject({ detail: 'closing audit found 2 open' });
    expect(asked).toEqual([]);
    expect((await state.project(PROJECT_ID).get()).lastAudit?.findings).toEqual([
      expect.stringContaining('Nothing that the factory ran proves it'),
      'The quality gate of engineer has not passed at this commit.',
    ]);

    gates.push(gate(HEAD));
    await state.agent(PROJECT_ID, 'engineer').update((each) => ({ ...each, status: 'completed' }));
    expect(await processor({ ...closing, round: 2 }, context)).toMatchObject({
      detail: 'closing audit passed',
    });
  });

  it.each<[string, (world: Awaited<ReturnType<typeof audited>>) => Promise<unknown>]>([
    ['comes back to it', ({ context }) => processor(closing, context)],
    [
      'catches up with its journal',
      ({ context }) => context.services.projectService.catchUp(PROJECT_ID, 'engineer'),
    ],
  ])(
    'holds the round that it asks for against nobody, also where its worker was killed right after, and another one %s',
    async (_what, goOn) => {
      const killed = await world({ assignedPersona: 'engineer' });
      const { context, gates, agent, state } = killed;
      gates.splice(0, 1, gate(OLD), gate(HEAD, 'tester'));
      const before = await agent();
      await processor(closing, context);
      await state.agent(PROJECT_ID, 'engineer').update(() => before);
      await goOn(killed);
      expect(await agent()).toMatchObject({ status: 'waiting_for_quality', nextStep: 2, roundsBefore: 1 });
      await goOn(killed);
      expect(await agent()).toMatchObject({ nextStep: 2, roundsBefore: 1 });
    },
  );

  it('runs none again where another one at that commit has asked for as much', async () => {
    const { context, gates } = await world({ assignedPersona: 'tester' });
    gates.push(gate(OLD, 'tester'));
    expect(await processor(closing, context)).toMatchObject({ detail: 'closing audit passed' });
  });
});
