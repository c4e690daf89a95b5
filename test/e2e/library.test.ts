import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { treeCosts } from '../../src/factory/decisions/tree/tree-costs.ts';
import { createFactory, type Factory, type JobResult } from '../../src/index.ts';
import {
  addTask,
  bad,
  busy,
  claim,
  doors,
  type ForkHouse,
  finish,
  good,
  openForkHouse,
  write,
} from '../support/fork-house.ts';
import { jsonLines } from '../support/looks.ts';
import { call } from '../support/model.ts';
import { until } from '../support/until.ts';

const option = (label: string, confidence: number) => ({
  label,
  confidence,
  description: `Do it as ${label}.`,
  estimatedEffort: 'low',
});
const UNSURE = { question: 'How?', confidence: 0.4, options: [option('Plus', 0.6), option('Loop', 0.5)] };

// One home, one Redis and one worker for all of them.
describe('a program beside a worker', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const door = doors();
  let house: ForkHouse;
  let factory: Factory;

  beforeAll(async () => {
    house = await openForkHouse([], 1, (close) => closers.push(close));
    factory = await createFactory({ home: house.s.home, env: house.s.env });
    closers.push(() => factory.close());
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  it('forks a project between two turns, waits for the one under way, and loses no request over it', async () => {
    const story = {
      start: [addTask, write('half done\n', 'half.txt'), door.wait('turn'), busy],
      options: { Plus: good(), Loop: bad },
    };
    const id = await house.begin('forked', story, { budget: 3 });
    await until(() => house.s.model.requests.length >= 3, 60_000, 'the third turn is under way');
    const forking = factory.engine.createBranches(id, { id: 'mine', ...UNSURE });
    // While the turn is held up it has time enough to go wrong.
    for (let looks = 0; looks < 20; looks += 1) await factory.engine.getProjectStatus(id);
    door.open('turn');
    const children = await forking;
    // The turn that was under way ended under its one lease, and the fork is the end of a later step.
    const entries = await house.services.state.journal(id, 'engineer').entries();
    const [under, ...later] = entries.filter(({ type, step }) => type === 'step_done' && step >= 3);
    expect(under).toMatchObject({ step: 3, outcome: 'continue' });
    expect(later.at(-1)).toMatchObject({ outcome: 'fork' });
    expect(entries.filter(({ type, step }) => type === 'lease' && step === 3)).toHaveLength(1);
    expect(children.map(({ decisionContext }) => decisionContext?.option)).toEqual(['Plus', 'Loop']);
    expect(
      (await factory.engine.createBranches(id, { id: 'mine', ...UNSURE })).map((each) => each.id),
    ).toEqual(children.map((each) => each.id));
    // What was not committed when it was asked is in the branches.
    const files = await house.s.repository.git('ls-tree', '--name-only', children[0]?.forkCommit ?? '');
    expect(files).toContain('half.txt');
    const ended = await house.ended(id);
    expect(ended).toMatchObject({ status: 'completed', forks: [{ phase: 'merged', persona: 'engineer' }] });
    const { possibleSpent, entries: costs } = await treeCosts(house.services.state, id);
    expect(possibleSpent).toBe(0);
    expect(new Set(costs.map(({ requestId }) => requestId)).size).toBe(costs.length);
  });

  it('takes steps that the worker takes too: each once, and each paid for once', async () => {
    const story = { start: [addTask, busy, busy, write('a + b\n'), busy, claim, finish], options: {} };
    const id = await house.make('shared', story);
    const said = await factory.agents.sendMessage(`${id}/engineer`, 'Both of you.');
    await factory.engine.startProject(id);
    const results: JobResult[] = [];
    while ((await factory.agents.loadAgentState(`${id}/engineer`)).status !== 'completed') {
      try {
        results.push(await factory.agents.executeAgent(`${id}/engineer`));
      } catch (error) {
        // The worker was faster, and what is next is an audit or the end.
        expect(error).toMatchObject({ code: 'not_its_turn' });
      }
    }
    expect(await house.ended(id)).toMatchObject({ status: 'completed' });
    const entries = await jsonLines<{ type: string; step: number; key?: string }>(
      `${house.s.home}/data/projects/${id}/agents/engineer.jsonl`,
    );
    const steps = entries.filter(({ type }) => type === 'step_done').map(({ step }) => step);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(entries.filter(({ type }) => type === 'reply')).toHaveLength(7);
    expect(entries.filter(({ key }) => key === `message-${said}`)).toHaveLength(1);
    expect((await treeCosts(house.services.state, id)).possibleSpent).toBe(0);
    expect(results.length).toBeGreaterThan(0);
  });

  it('puts a step down when the factory is halted, takes no other, and makes no call', async () => {
    const long = call('bash', { command: 'touch begun; sleep 100' });
    const id = await house.make('halted', { start: [long], options: {} });
    const { worktreePath } = await factory.engine.startProject(id).then(({ project }) => project);
    const step = factory.agents.executeAgent(`${id}/engineer`).catch(({ code }) => ({ outcome: code }));
    await until(() => existsSync(join(worktreePath, 'begun')), 60_000, 'the command has begun');
    await house.s.df('stop', '--all');
    try {
      // By this process or by the worker, whoever was at it.
      await expect(step).resolves.toMatchObject({
        outcome: expect.stringMatching(/interrupted|halted|parked|skipped/),
      });
      const before = house.s.model.requests.length;
      await expect(factory.agents.executeAgent(`${id}/engineer`)).rejects.toMatchObject({ code: 'halted' });
      await expect(factory.agents.validateQualityGates(`${id}/engineer`)).rejects.toMatchObject({
        code: 'halted',
      });
      expect(house.s.model.requests.length).toBe(before);
    } finally {
      await house.s.df('stop', id);
      await house.s.df('resume', '--all');
    }
  });
});
