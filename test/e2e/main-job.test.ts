import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { BROKEN_SUM, call, MEND_SUM, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

describe.each(['responses', 'anthropic', 'custom'] as const)('the main job with %s', (vendor) => {
  it('goes from a task to a proven branch, and leaves the rest of the repository alone', async () => {
    // As an owner has it who says nothing of tests: found in package.json, run by npm. Once is enough, it takes long.
    const s = await scenario({ vendor, ...(vendor === 'responses' ? { files: BROKEN_SUM } : {}) });
    const before = {
      refs: await s.repository.git('ls-remote', 'origin'),
      status: await s.repository.git('status', '--porcelain', '--branch'),
      head: await s.repository.git('rev-parse', 'HEAD'),
    };
    const project = await s.init('fix-sum');
    await s.worker();
    const waited = await s.program('start', project.id, '--wait');
    expect(waited.code, waited.stderr).toBe(0);

    const now = await s.status(project.id);
    expect(now.project.status).toBe('completed');
    expect(now.gate).toMatchObject({ passed: true });
    expect(now.audit).toMatchObject({ passed: true });

    const log = await s.repository.git('log', '--format=%B', `main..${project.workBranch}`);
    expect(log).toContain(`DF-Project: ${project.id}`);
    expect(log).toMatch(/DF-Step: engineer\/5\/0/);
    expect(log).toMatch(/DF-Task: [0-9a-f-]{36}/);
    expect(await s.repository.git('show', `${project.workBranch}:sum.js`)).toContain('a + b');

    const [task] = (await s.tasks(project.id)).tasks;
    expect(task).toMatchObject({ status: 'completed', completionConfidence: 0.95 });
    expect(task?.evidence.map(({ kind, passed }) => [kind, passed])).toEqual([
      ['criterion', true],
      ['audit', true],
    ]);

    const costs = await s.costs(project.id);
    expect(costs.totalSpent).toBeCloseTo(s.model.billed(), 9);
    expect(costs.entries).toHaveLength(s.model.ledger.length);
    expect(now.project.totalCost).toBeCloseTo(s.model.billed(), 9);

    expect(await s.repository.git('ls-remote', 'origin')).toBe(before.refs);
    expect(await s.repository.git('status', '--porcelain', '--branch')).toBe(before.status);
    expect(await s.repository.git('rev-parse', 'HEAD')).toBe(before.head);
  });
});

describe('many at once', () => {
  it('two worker processes finish ten projects, each model request once', async () => {
    const s = await scenario();
    const projects: Project[] = [];
    for (let index = 0; index < 10; index += 1) projects.push(await s.init(`sum-${index}`));
    await Promise.all([s.worker(), s.worker()]);
    for (const { id } of projects) expect((await s.df('start', id)).code).toBe(0);
    for (const { id } of projects) await s.ends(id);
    const costs = await Promise.all(projects.map(({ id }) => s.costs(id)));
    expect(costs.reduce((sum, each) => sum + each.entries.length, 0)).toBe(s.model.ledger.length);
    // Six turns and one verdict each.
    expect(s.model.requests).toHaveLength(70);
  });
});

describe('crashes', () => {
  it('A01 worker-kill: SIGKILL of the only worker in mid-step; a new one finishes, nothing journalled runs twice', async () => {
    const s = await scenario({
      script: sequence([call('bash', { command: 'echo once >> counted.txt; sleep 2' }), ...MEND_SUM]),
    });
    const project = await s.init('killed');
    const first = await s.worker();
    expect((await s.df('start', project.id)).code).toBe(0);
    const counted = `${project.worktreePath}/counted.txt`;
    await until(async () => (await readFile(counted, 'utf8').catch(() => '')) !== '', 20_000);
    first.kill('SIGKILL');
    await first.exited;
    await s.worker();
    await s.ends(project.id);
    expect(await s.repository.git('show', `${project.workBranch}:counted.txt`)).toBe('once');
    // Seven turns and one verdict: the turn whose command was cut off was not asked for again.
    expect(s.model.ledger).toHaveLength(8);
    expect((await s.costs(project.id)).totalSpent).toBeCloseTo(s.model.billed(), 9);
  });
});
