import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { branchFigures, branchStat } from '../../../src/factory/decisions/tree/figures.ts';
import { FIGURES } from '../../../src/factory/decisions/tree/figure-text.ts';
import { branchLineage, descendants, lineage, readTree } from '../../../src/factory/decisions/tree/tree.ts';
import { treeCosts } from '../../../src/factory/decisions/tree/tree-costs.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { newUuid } from '../../../src/lib/ids.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';
import { addStranger, type ForkedProject, makeForkedProject } from './forked-project.ts';

let home: string;
let repository: TestRepository;
let made: ForkedProject;
const deps = () => ({ state: made.store, git: createGitManager({ env: repository.env }) });

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'df-figures-'));
  repository = await makeRepository();
  made = await makeForkedProject(home, repository);
});

afterEach(async () => {
  await Promise.all([repository.cleanup(), rm(home, { recursive: true, force: true })]);
});

describe('figures of a branch', () => {
  test('come from its own reports, tasks, ledger and commits since the fork', async () => {
    expect(await branchFigures(deps(), made.proved)).toMatchObject({
      id: made.proved.id,
      option: 'SQLite',
      confidence: 0.5,
      status: 'completed',
      gate: { kind: 'finish', passed: true, checks: { passed: 2, total: 2 } },
      sealed: { passed: 5, total: 5 },
      audit: { passed: true },
      tasks: { total: 2, completed: 2, proved: 1 },
      tests: { before: 10, after: 14, added: 4 },
      coverage: 90,
      diff: { commits: 1, files: 2, insertions: 3, deletions: 1 },
      filesTouched: 2,
      cost: 1.5,
      tokens: 3_000,
      activeMs: 60_000,
    });
    expect(await branchStat(deps(), made.proved)).toEqual([
      { path: 'cart.js', insertions: 0, deletions: 1 },
      { path: 'db.js', insertions: 3, deletions: 0 },
    ]);
  });

  test('say of one that its owner stopped that it was stopped, in the document and in words', async () => {
    const figures = await branchFigures(deps(), { ...made.failed, stopped: true });
    expect(figures).toMatchObject({ status: 'failed', stopped: true });
    expect(FIGURES.find(({ name }) => name === 'status')?.text(figures)).toBe('stopped');
  });

  test('do not take over the audit or the baseline gate of the parent', async () => {
    const { gates } = made.store;
    expect((await gates(made.root.id).list()).map(({ kind }) => kind)).toEqual(['baseline']);
    expect(await branchFigures(deps(), made.root)).toMatchObject({ gate: null, sealed: null, tests: null });
    expect(await branchFigures(deps(), made.failed)).toMatchObject({
      audit: null,
      gate: { passed: false, checks: { passed: 0, total: 2 } },
      sealed: { passed: 3, total: 5 },
    });
  });

  test('a branch that was deleted, and a repository that was moved, take nothing else away', async () => {
    await repository.git('branch', '--quiet', '-D', made.proved.workBranch);
    const without = await branchFigures(deps(), made.proved);
    expect(without).toMatchObject({ diff: null, filesTouched: null, gate: { passed: true }, cost: 1.5 });
    const moved = { ...made.failed, repository: join(home, 'gone') };
    expect(await branchFigures(deps(), moved)).toMatchObject({
      diff: null,
      sealed: { passed: 3, total: 5 },
    });
    expect(await branchStat(deps(), moved)).toBeNull();
  });

  test('coverage is found in the whole output where the report holds head and tail of it', async () => {
    const { store, failed } = made;
    const { file, relative } = await store.newOutput(failed.id, 'tests');
    await writeFile(file, `${'x\n'.repeat(9_000)}TOTAL  10  2  80%\n${'y\n'.repeat(9_000)}`);
    const [last] = (await store.gates(failed.id).list()).slice(-1);
    if (last === undefined) throw new Error('a report');
    const [check] = last.checks;
    if (check === undefined) throw new Error('a check');
    const checks = [{ ...check, output: 'x\n[… 36018 of 36036 bytes left out …]\ny', outputFile: relative }];
    await store.gates(failed.id).save({ ...last, id: 'newer', timestamp: new Date(), checks });
    expect(await branchFigures(deps(), failed)).toMatchObject({ coverage: 80 });
    await rm(file);
    expect(await branchFigures(deps(), failed)).toMatchObject({ coverage: null });
  });
});

describe('the tree', () => {
  test('lists children in the order of the fork, and their branches from the root on', async () => {
    const { store, root, proved, failed } = made;
    expect((await descendants(store, root.id)).map(({ id }) => id)).toEqual([proved.id, failed.id]);
    expect(await branchLineage(store, proved.workBranch)).toEqual([root.workBranch, proved.workBranch]);
    expect(await branchLineage(store, root.workBranch)).toEqual([root.workBranch]);
    expect(await branchLineage(store, 'main')).toBeNull();
  });

  test('goes on without a child whose folder is not there, and with one that only the fork names', async () => {
    const { store, root, proved, failed } = made;
    const only = [newUuid()];
    await store.project(root.id).update((current) => ({ ...current, childProjectIds: only }));
    expect((await readTree(store, root.id)).children.map(({ project }) => project.id)).toEqual([
      proved.id,
      failed.id,
    ]);
    await rm(store.projectFolder(proved.id), { recursive: true });
    expect((await descendants(store, root.id)).map(({ id }) => id)).toEqual([failed.id]);
    await expect(readTree(store, proved.id)).rejects.toMatchObject({ code: 'project_not_found' });
  });

  test('ends, and holds nothing twice, where documents name each other in a circle', async () => {
    const { store, root, proved } = made;
    await store.project(proved.id).update((current) => ({
      ...current,
      childProjectIds: [root.id, proved.id],
    }));
    await store.project(root.id).update((current) => ({ ...current, parentProjectId: proved.id }));
    expect(await descendants(store, root.id)).toHaveLength(2);
    const circle = await store.project(root.id).get();
    expect((await lineage(store, circle)).map(({ id }) => id)).toEqual([proved.id, root.id]);
  });

  test('begins where the root was removed', async () => {
    const { store, root, proved } = made;
    await rm(store.projectFolder(root.id), { recursive: true });
    expect(await branchLineage(store, proved.workBranch)).toEqual([proved.workBranch]);
  });

  test('of two projects with one name of a branch, the newest is meant', async () => {
    const stranger = await addStranger(made, { workBranch: made.proved.workBranch });
    expect(stranger.createdAt.getTime()).toBeLessThan(made.proved.createdAt.getTime());
    expect(await branchLineage(made.store, made.proved.workBranch)).toHaveLength(2);
  });
});

describe('the costs of a tree', () => {
  test('count each request once, and know which project spent it', async () => {
    const { store, root, proved, failed } = made;
    const costs = await treeCosts(store, root.id);
    expect(costs).toMatchObject({
      projectId: root.id,
      totalSpent: 3.5,
      possibleSpent: 0.5,
      tokensUsed: 5_000,
    });
    expect(costs.entries.map(({ requestId, projectId }) => [requestId, projectId])).toEqual([
      ['r1', undefined],
      ['lost', undefined],
      ['p1', proved.id],
      ['p2', proved.id],
      ['f1', failed.id],
    ]);
    expect(costs.branches.map(({ totalSpent, possibleSpent }) => [totalSpent, possibleSpent])).toEqual([
      [1, 0.5],
      [0.5, 0],
      [2, 0],
    ]);
  });
});
