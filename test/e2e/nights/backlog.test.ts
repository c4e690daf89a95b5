import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scenario } from '../../support/scenario.ts';

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
