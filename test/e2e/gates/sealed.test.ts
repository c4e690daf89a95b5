import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  BROKEN_SUM,
  byPrompt,
  call,
  MEND_SUM,
  type Scenario,
  scenario,
  sequence,
} from '../../support/scenario.ts';

type Step = Parameters<typeof sequence>[0][number];

const MARK = 'addition-holds-for-others';
const CHECKS = `import assert from 'node:assert';
import test from 'node:test';
import { add } from '../sum.js';

test('${MARK}', () => assert.equal(add(20, 3), 23));
`;

async function sealedFolder({ repository }: Scenario): Promise<string> {
  const folder = join(repository.outside, 'acceptance');
  await mkdir(join(folder, 'test'), { recursive: true });
  await writeFile(join(folder, 'test/hidden.test.js'), CHECKS);
  return folder;
}

const CHEAT: Step = call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: '5' });
const finish = call('finish', { summary: 'add adds.' });
/** Looks wherever the tests could be: beside the worktree, and among the objects of the repository. */
const peek = (home: string): Step =>
  call('bash', {
    command: [
      `cat ${home}/data/projects/*/sealed/test/* > seen.txt 2>&1`,
      `ls -R .. >> seen.txt 2>&1; cat ../../scratch/*/*/*/test/* >> seen.txt 2>&1`,
      'git cat-file --batch-all-objects --batch --buffer | grep -a addition-holds >> seen.txt',
      'cat seen.txt; rm seen.txt',
    ].join('\n'),
  });

describe('sealed checks', () => {
  it('catch an agent that hard-codes what the visible tests expect, which never sees them; an honest one completes', async () => {
    const cheat: Step[] = [];
    const s = await scenario({
      script: byPrompt([
        { match: 'project cheat', script: (turn) => sequence(cheat)(turn) },
        { match: 'project honest', script: sequence(MEND_SUM) },
      ]),
      config: ['gates:', '  maxRounds: 2'],
    });
    cheat.push(CHEAT, finish, peek(s.home), finish);
    const folder = await sealedFolder(s);
    const ids: Record<string, string> = {};
    for (const name of ['cheat', 'honest'])
      ids[name] = (await s.init(`project ${name}`, '--test', 'node --test', '--sealed', folder)).id;
    await rename(folder, `${folder}-elsewhere`);
    await s.worker();
    for (const id of Object.values(ids)) await s.df('start', id);
    for (const id of Object.values(ids)) await s.settles(id);

    const caught = await s.status(ids['cheat'] ?? '');
    expect(caught.project.status).toBe('failed');
    expect(caught.gate?.checks.map(({ name, passed }) => ({ name, passed }))).toEqual([
      { name: 'Tests', passed: true },
      { name: 'Sealed', passed: false },
    ]);
    const check = caught.gate?.checks[1];
    expect(check?.output).toMatch(/^1 of 2 tests failed with the sealed checks in place/);
    expect(check?.tests).toMatchObject({ failed: 1, total: 2, failures: [] });
    const told = s.model.requests.map((request) => JSON.stringify(request)).join('\n');
    expect(told).toContain('1 of 2 tests failed with the sealed checks');
    expect(told).not.toContain(MARK);
    expect(told).not.toContain('hidden.test.js');

    const honest = await s.status(ids['honest'] ?? '');
    expect(honest.project.status).toBe('completed');
    expect(honest.gate?.checks[1]).toMatchObject({ name: 'Sealed', passed: true, sealed: true });
    const files = await s.repository.git('ls-tree', '-r', '--name-only', honest.project.workBranch);
    expect(files).not.toContain('hidden');
    expect(await s.repository.git('worktree', 'list')).not.toContain('scratch');
  });

  it('that vanished stop the project with a reason, and let it go on when they are back', async () => {
    const s = await scenario();
    const project = await s.init(
      'vanished',
      '--test',
      'node --test',
      '--sealed',
      await sealedFolder(s),
      '--sealed-show',
      'names',
    );
    const place = join(s.home, 'data/projects', project.id, 'sealed');
    await rename(place, `${place}-away`);
    await s.worker();
    await s.df('start', project.id);
    await s.reaches(project.id, 'paused');
    let status = await s.status(project.id);
    expect(status.project.waiting?.detail).toMatch(/sealed checks of this project are gone/);
    expect(status.gate).toBeUndefined();

    await rename(`${place}-away`, place);
    await s.df('resume', project.id);
    await s.ends(project.id);
    status = await s.status(project.id);
    expect(status.gate?.checks[1]).toMatchObject({ name: 'Sealed', passed: true });
  });

  it('that every agent would see are refused at init, and nothing is made', async () => {
    const s = await scenario({ files: { ...BROKEN_SUM, 'acceptance/a.test.js': CHECKS } });
    const inside = await s.df('init', 'x', '-d', 'x', '--sealed', 'acceptance');
    expect(inside.code).toBe(2);
    expect(inside.stderr).toMatch(/is part of the base commit/);
    const missing = await s.df('init', 'x', '-d', 'x', '--sealed', 'nowhere');
    expect(missing.stderr).toMatch(/is no folder/);
    const alone = await s.df('init', 'x', '-d', 'x', '--sealed-show', 'names');
    expect(alone.stderr).toMatch(/--sealed-show was given without sealed checks/);
    expect(await s.json<unknown[]>('list')).toEqual([]);
  });
});
