import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Project } from '../../../src/factory/model/project.ts';
import { addTask, bad, decision, type ForkHouse, good, openForkHouse } from '../../support/fork-house.ts';

const start = [addTask, decision(['Plus', 'Loop'])];

describe('a fork whose branches the owner merges', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let house: ForkHouse;
  let [taken, dropped, hard]: string[] = [];

  beforeAll(async () => {
    const config = ['decisions:', '  merge: manual', '  record: true'];
    house = await openForkHouse(config, 1, (close) => closers.push(close));
    const story = { start, options: { Plus: good(), Loop: bad } };
    [taken, dropped, hard] = await Promise.all([
      house.begin('taken', story),
      house.begin('dropped', { ...story, after: good() }),
      house.begin('hard', { start, options: { Plus: good(), Loop: good('a + b # two\n') } }),
    ]);
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });

  const ready = (id = '') => house.when(id, 'ready', ({ waiting }) => waiting?.for === 'owner');
  const branch = (project: Project, option: string): string =>
    project.forks[0]?.branches.find((each) => each.option === option)?.projectId ?? '';
  const df = (...args: string[]) => house.s.df(...args);

  it('waits for its owner, and says so with exit code 5', async () => {
    const parent = await ready(taken);
    expect(parent).toMatchObject({ status: 'paused', forks: [{ phase: 'ready' }] });
    expect(parent.statusReason).toContain('The evidence speaks for one of them: Only “Plus” is proved');
    const waited = await df('start', parent.id, '--wait');
    expect(waited.code, waited.stderr).toBe(5);
    expect(waited.stderr).toContain('df merge');
  });

  it('refuses to merge what is no branch, and changes nothing', async () => {
    const refused = await df('merge', taken ?? '');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('is no branch of a decision'),
    ]);
    expect(await ready(taken)).toMatchObject({ forks: [{ phase: 'ready' }] });
  });

  it('merges the branch that was taken, once, with a record of the decision', async () => {
    const child = branch(await ready(taken), 'Plus');
    expect((await df('merge', child)).code).toBe(0);
    const parent = await house.ended(taken ?? '');
    expect(parent).toMatchObject({
      status: 'completed',
      forks: [{ phase: 'merged', choice: { by: 'owner' } }],
    });
    const again = await df('merge', child);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('already; nothing was changed')]);
    const other = await df('merge', branch(parent, 'Loop'));
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('is taken already')]);
    const { git } = house.s.repository;
    const record = await git('show', `${parent.workBranch}:docs/decisions/0001-how.md`);
    expect(record).toContain('**Plus**, by the owner.');
    expect((await git('log', '--merges', '--format=%s', parent.workBranch)).split('\n')).toHaveLength(1);
  });

  it('goes on without a branch when the owner wants none', async () => {
    const { id } = await ready(dropped);
    expect((await df('merge', '--abort', id)).code).toBe(0);
    const parent = await house.ended(id);
    expect(parent).toMatchObject({ status: 'completed', forks: [{ phase: 'dropped' }] });
    expect(parent.forks[0]?.outcome).toContain('The owner goes on without them.');
    const again = await df('merge', '--abort', branch(parent, 'Plus'));
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is taken already')]);
  });

  it('goes back to its owner when the branch that was taken cannot be merged, who then takes another way', async () => {
    const parent = await ready(hard);
    const since = parent.waiting?.since;
    const { worktreePath } = parent;
    await house.s.repository.gitIn(worktreePath, 'rm', '--quiet', 'sum.txt');
    expect((await df('merge', branch(parent, 'Loop'))).code).toBe(0);
    const back = await house.when(
      parent.id,
      'back',
      ({ waiting }) => waiting?.for === 'owner' && waiting.since.getTime() !== since?.getTime(),
    );
    expect(back.statusReason).toContain('"Loop" was not merged. Both changed sum.txt');
    expect(back).toMatchObject({ status: 'paused', forks: [{ phase: 'ready' }] });
    expect(back.forks[0]).not.toHaveProperty('choice');
    await house.services.engine.terminateProject(parent.id, 'Enough.');
    await house.ended(parent.id);
  });
});
