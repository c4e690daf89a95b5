import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { branchLineage } from '../../../src/factory/decisions/tree/tree.ts';
import { treeCosts } from '../../../src/factory/decisions/tree/tree-costs.ts';
import { exploresDecision, type Project } from '../../../src/factory/model/project.ts';
import {
  addTask,
  bad,
  busy,
  dear,
  decision,
  type ForkHouse,
  finish,
  good,
  write,
} from '../../support/fork-house.ts';
import { forkCases, start, takeOver } from './fork-cases-steps.ts';

// One home, one Redis and two workers for all of them: they run side by side, as a factory's projects do.
describe('forks', () => {
  const judged: { text: string; model: string }[] = [];
  const { begin, child, close, door, ids, open, over } = forkCases();
  let house: ForkHouse;

  beforeAll(async () => {
    house = await open();
    const { repository, json } = house.s;
    const { engine } = house.services;
    await repository.git('branch', 'doomed');
    await json(
      ...['provider', 'add', '--name', 'anthropic', '--id', 'other', '--model', 'scripted-2'],
      ...['--base-url', house.s.model.url, '--api-key', 'other-key', '--priority', '9'],
      ...['--price-in', '1', '--price-out', '2'],
    );
    await Promise.all([
      begin('both-fail', {
        start: [decision(['Plus', 'Loop'])],
        options: { Plus: [addTask, ...bad], Loop: [addTask, ...bad] },
        after: [addTask, ...good()],
      }),
      begin('tie', {
        start: [
          addTask,
          write(`OPENAI_API_KEY=sk-proj-${'Ab1'.repeat(16)}\n`, 'settings.txt'),
          decision(['Plus', 'Loop']),
          write('It comes from the environment.\n', 'settings.txt'),
          decision(['Plus', 'Loop']),
        ],
        options: { Plus: good('a + b # one\n'), Loop: good('a + b # two\n') },
        judge: ({ lastUser, model }) => {
          judged.push({ text: lastUser, model });
          const winner = lastUser.indexOf('# two') < lastUser.indexOf('# one') ? 1 : 2;
          return { text: JSON.stringify({ winner, why: 'Two is clearer.' }) };
        },
      }),
      begin('nested', {
        start,
        options: {
          Plus: [decision(['Deep', 'Deeper']), finish],
          Loop: [door.wait('nested'), decision(['Low', 'Lower']), ...good()],
          Deep: [decision(['Deepest', 'Other']), ...good()],
          Deeper: bad,
        },
      }).then(async () => {
        const twice = ({ treeForks }: Project) => Object.keys(treeForks).length === 2;
        await house.when(ids['nested'] ?? '', 'forked twice', twice);
        door.open('nested');
      }),
      begin(
        'reckless',
        {
          start: start.map(dear),
          options: { Plus: [dear(busy)], Loop: [dear(busy)] },
          after: good().map(dear),
        },
        { budget: 1.5 },
      ),
      begin(
        'stopped',
        { start, options: { Plus: [door.wait('stopped'), busy], Loop: good() } },
        { act: (_root, { id }) => engine.terminateProject(id, 'Stopped by its owner.') },
      ),
      begin(
        'removed',
        { start, options: { Plus: [door.wait('removed'), ...bad], Loop: good() } },
        {
          base: 'doomed',
          async act(_root, { worktreePath }) {
            await repository.git('branch', '--delete', '--force', 'doomed');
            await rm(worktreePath, { recursive: true, force: true });
            execFileSync('redis-cli', ['-p', String(house.s.redis.port), 'flushall']);
          },
        },
      ),
      begin(
        'paused',
        { start, options: { Plus: [door.wait('paused'), ...good()], Loop: [door.wait('paused'), ...bad] } },
        {
          async act({ id }) {
            await engine.pauseProject(id);
            expect((await house.children(id)).map(({ status }) => status)).toEqual(['paused', 'paused']);
            expect(exploresDecision(await house.project(id))).toBe(false);
            await engine.resumeProject(id);
          },
        },
      ),
      begin(
        'conflict',
        { start, options: { Plus: [door.wait('conflict'), ...good()], Loop: bad }, after: takeOver },
        { act: ({ worktreePath }) => writeFile(`${worktreePath}/sum.txt`, 'a minus b\n') },
      ),
      begin(
        'red',
        { start, options: { Plus: [door.wait('red'), ...good()], Loop: bad }, after: takeOver },
        { act: ({ worktreePath }) => writeFile(`${worktreePath}/red.txt`, 'red\n') },
      ),
    ]);
  });
  afterAll(close);

  it('a branch that its owner stops lets its sibling win', async () => {
    const ended = await over('stopped');
    expect(ended.status, ended.statusReason).toBe('completed');
    expect(ended.forks[0]).toMatchObject({ phase: 'merged', choice: { by: 'evidence' } });
    expect(await child('stopped', 'Plus')).toMatchObject({ statusReason: 'Stopped by its owner.' });
  });

  it('a pause of the root holds for its branches, and so does going on', async () => {
    const ended = await over('paused');
    expect(ended.status, ended.statusReason).toBe('completed');
  });

  it('what was changed in the parent by hand meanwhile is never overwritten: a conflict is a task of the parent', async () => {
    const ended = await over('conflict');
    const { workBranch } = ended;
    const both = expect.stringContaining('Both changed sum.txt');
    expect(ended.forks[0]).toMatchObject({ phase: 'handed_over', outcome: both });
    const { tasks } = await house.services.state.tasks(ended.id).get();
    expect(tasks.map(({ title }) => title)).toContain(`Take over the work of ${workBranch}--plus`);
    expect(ended.status, ended.statusReason).toBe('completed');
    const log = await house.s.repository.git('log', '--format=%s', workBranch);
    expect(log).toContain('Work found before the merge of a branch');
  });

  it('a red gate on the merge leaves the parent as it was and becomes its task', async () => {
    const ended = await over('red');
    const red = expect.stringContaining('The gate on the merge failed');
    expect(ended.forks[0]).toMatchObject({ phase: 'handed_over', outcome: red });
    expect(await house.s.repository.git('log', '--merges', '--format=%s', ended.workBranch)).toBe('');
    expect(ended.status, ended.statusReason).toBe('completed');
  });

  it('goes on when the base branch is removed, Redis forgets everything, and a lost worktree of a branch is made again', async () => {
    const ended = await over('removed');
    expect(ended.status, ended.statusReason).toBe('completed');
    expect(ended.forks[0]?.branches.map(({ proved }) => proved)).toEqual([false, true]);
    const told = await house.services.state.events((await child('removed', 'Plus')).id).readAll();
    expect(told.map(({ type }) => type)).toContain('worktree.lost');
  });

  it('two branches that fail wake their parent with what they learnt, also after a fork in the first turn', async () => {
    const ended = await over('both-fail');
    expect(ended.status, ended.statusReason).toBe('completed');
    const [fork] = ended.forks;
    expect(fork).toMatchObject({ phase: 'dropped', commit: ended.baseCommit });
    for (const option of ['Plus', 'Loop'])
      expect(fork?.outcome).toMatch(
        new RegExp(`"${option}" \\(.*\\): It ended failed: .*The agent engineer was given up`),
      );
  });

  it('a tie is broken by a judge of another provider who sees both orders; a key in the work before the fork is held back first', async () => {
    const ended = await over('tie');
    expect(ended.status, ended.statusReason).toBe('completed');
    expect(ended.forks).toHaveLength(1);
    expect(ended.forks[0]?.choice).toMatchObject({ by: 'judge', projectId: (await child('tie', 'Loop')).id });
    expect(judged.map(({ model }) => model)).toEqual(['scripted-2', 'scripted-2']);
    const first = judged.map(({ text }) => (text.indexOf('# one') < text.indexOf('# two') ? 'one' : 'two'));
    expect(first).toEqual(['one', 'two']);
    const { git } = house.s.repository;
    expect(await git('show', `${ended.workBranch}:sum.txt`)).toBe('a + b # two');
    expect(await git('log', '--all', '--format=', '--patch', '--', 'settings.txt')).not.toContain('sk-proj-');
    expect(Object.values(ended.treeForks)).toEqual([2]);
  });

  it('branches fork again up to the caps of depth and number; beyond, the best option is taken and recorded', async () => {
    const ended = await over('nested');
    expect(ended.status, ended.statusReason).toBe('completed');
    const [plus, loop] = await Promise.all(['Plus', 'Loop'].map((option) => child('nested', option)));
    expect([plus?.forks.length, loop?.forks.length]).toEqual([1, 0]);
    expect(plus?.forks[0]).toMatchObject({ phase: 'merged' });
    const { state } = house.services;
    const made = async (project: Project | undefined) => {
      const { madeDecisions } = await state.agent(project?.id ?? '', 'engineer').get();
      return madeDecisions.map(({ selectedOption }) => selectedOption);
    };
    expect(await made(loop)).toEqual(['Loop', 'Low']);
    const [deep] = await house.children(plus?.id ?? '');
    expect(await made(deep)).toEqual(['Plus', 'Deep', 'Deepest']);
    expect(Object.values(ended.treeForks)).toEqual([2, 2]);
    const line = [ended, plus, deep].map((project) => project?.workBranch);
    expect(await branchLineage(state, deep?.workBranch ?? '')).toEqual(line);
  });

  it('branches that spend without measure never take the tree beyond its budget, and the parent goes on', async () => {
    const ended = await over('reckless');
    const { totalSpent, possibleSpent } = await treeCosts(house.services.state, ended.id);
    expect(totalSpent + possibleSpent).toBeLessThanOrEqual(1.5);
    expect(ended.forks[0]?.outcome).toContain('is used up');
    expect(ended.status, ended.statusReason).toBe('completed');
  });

  it('each request was billed once, and no worktree of a branch is left', async () => {
    for (const name of Object.keys(ids)) await over(name);
    const roots = await Promise.all(Object.values(ids).map((id) => treeCosts(house.services.state, id)));
    const known = roots.reduce((sum, each) => sum + each.totalSpent, 0);
    // A call that was cut by an end of its project may have been billed or not.
    const possible = roots.reduce((sum, each) => sum + each.possibleSpent, 0);
    const billed = house.s.model.billed();
    expect(known).toBeLessThanOrEqual(billed + 1e-9);
    expect(billed).toBeLessThanOrEqual(known + possible + 1e-9);
    expect((await house.s.repository.git('worktree', 'list')).split('\n')).toHaveLength(1);
  });
});
