import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { LONG } from '../support/looks.ts';
import { byPrompt, call, MEND_SUM, scenario, sequence, taskIds } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);

/** Adds a file to what is there. */
const ADD_FILE = sequence([
  call('add_tasks', {
    tasks: [
      { title: 'Add it', description: 'Add it.', criteria: [{ name: 'there', command: 'test -f more.txt' }] },
    ],
  }),
  call('write_file', { path: 'more.txt', content: 'more\n' }),
  (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed', note: 'There.' }),
  call('finish', { summary: 'There.' }),
]);

it('a file of projects: by priority and after each other, two at a time, over two workers, a kill and a flush', async () => {
  const s = await scenario({
    script: byPrompt([{ match: 'Fix stacked', script: ADD_FILE }], sequence(MEND_SUM)),
    config: ['limits:', '  diskFree: 0', '  openProjects: 2'],
  });
  const file = join(s.home, 'night.yaml');
  await writeFile(
    file,
    [
      'defaults: { lint: false, format: false, test: "grep \'a + b\' sum.js" }',
      'projects:',
      '  - { name: last, description: Fix last., priority: 5 }',
      '  - { name: first, description: Fix first., priority: 1 }',
      '  - { name: second, description: Fix second., priority: 2 }',
      '  - { name: stacked, description: Fix stacked., on: first }',
      '  - { name: dropped, description: Fix dropped., priority: 4 }',
      '  - { name: after-dropped, description: Fix it after., after: [dropped, second], priority: 1 }',
    ].join('\n'),
  );
  const planned = await s.json<Project[]>('enqueue', file, '--dry-run');
  expect(planned.map(({ name }) => name)).toEqual([
    ...['last', 'first', 'second', 'stacked', 'dropped', 'after-dropped'],
  ]);
  expect((await s.services.state.listProjects()).projects).toEqual([]);

  const made = await s.json<Project[]>('enqueue', file);
  const id = (name: string) => made.find((each) => each.name === name)?.id ?? '';
  expect(made.filter(({ turn }) => turn !== undefined).map(({ name }) => name)).toEqual(['first', 'second']);
  expect((await s.status(id('last'))).waiting).toMatchObject({ for: 'turn' });
  expect((await s.status(id('last'))).waiting?.detail).toMatch(/^2nd of 2 in the queue, after dropped\./);
  expect((await s.status(id('stacked'))).waiting).toMatchObject({ for: 'project' });

  let most = 0;
  const watch = setInterval(async () => {
    const there = await readdir(join(s.home, 'data/worktrees')).catch(() => []);
    most = Math.max(most, there.filter((name) => /^[0-9a-f-]{36}$/.test(name)).length);
  }, 100);
  try {
    const [doomed] = await Promise.all([s.worker(), s.worker()]);
    await s.reaches(id('first'), 'active');
    doomed?.kill('SIGKILL');
    await s.worker();
    expect((await s.df('stop', id('dropped'))).code).toBe(0);
    const lost = await s.when(id('after-dropped'), 'for its owner', ({ status }) => status === 'paused');
    expect(lost.waiting).toMatchObject({ for: 'owner', after: [id('dropped')] });
    expect(lost.waiting?.detail).toContain('dropped (stopped)');
    expect((await s.df('resume', id('after-dropped'))).code).toBe(0);
    await run('redis-cli', ['-p', String(s.redis.port), 'flushall']);
    for (const name of ['first', 'second', 'stacked', 'after-dropped', 'last'])
      expect((await s.settles(id(name), 2 * LONG)).status, name).toBe('completed');
  } finally {
    clearInterval(watch);
  }
  expect(most).toBe(2);
  const ended = await Promise.all(made.map((each) => s.project(each.id)));
  const turns = ended.filter(({ turn }) => turn !== undefined);
  turns.sort((a, b) => (a.turn?.getTime() ?? 0) - (b.turn?.getTime() ?? 0));
  // Who comes next depends on who is done first, and on when the owner resumes.
  expect(turns.map(({ name }) => name).slice(0, 2)).toEqual(['first', 'second']);
  expect(turns).toHaveLength(5);
  // It began with what was proved of the one that it stands on, and its own commits alone are its own.
  const stacked = await s.project(id('stacked'));
  const first = await s.project(id('first'));
  expect(stacked.baseCommit).toBe(first.lastAudit?.commit);
  expect(stacked.baseBranch).toBe(first.workBranch);
  const files = await s.repository.git('diff', '--name-only', `${stacked.baseCommit}..${stacked.workBranch}`);
  expect(files).toBe('more.txt');
  await until(async () => (await readdir(join(s.home, 'data/worktrees')).catch(() => [])).length === 0, LONG);
});

it('a project that waits for its owner gives its place to the next, with its work on its branch, and takes its turn again', async () => {
  const s = await scenario({ config: ['limits:', '  diskFree: 0', '  openProjects: 1'] });
  const kept = await s.init('kept');
  const next = await s.init('next', '--priority', '5', '--description', 'Fix next.');
  await s.worker();
  await s.df('start', kept.id);
  await s.reaches(kept.id, 'active');
  await s.df('pause', kept.id);
  await writeFile(join(kept.worktreePath, 'half.txt'), 'half\n');
  expect((await s.project(kept.id)).prepared).toBe(true);
  await s.df('start', next.id);
  const rested = await s.when(kept.id, 'without a place', ({ turn }) => turn === undefined);
  expect(rested).toMatchObject({ status: 'paused', prepared: false });
  expect(await s.repository.git('show', `${kept.workBranch}:half.txt`)).toBe('half');
  await s.df('resume', kept.id);
  expect((await s.settles(next.id)).status).toBe('completed');
  expect((await s.settles(kept.id)).status).toBe('completed');
});
