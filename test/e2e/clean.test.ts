import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { QualityReport } from '../../src/factory/model/gates/gate-report.ts';
import type { Project } from '../../src/factory/model/project.ts';
import type { Cleaned } from '../../src/state/projects/clean-up.ts';
import { sharedHouse } from '../support/house.ts';
import { MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Waits until a worker has put the project away. */
async function settled(s: Scenario, id: string): Promise<Project> {
  return until(
    async () => {
      const { project } = await s.json<{ project: Project }>('status', id);
      return project.settled ? project : null;
    },
    60_000,
    'a project that is put away',
  );
}

/** Its tests leave no worktree behind, for `df clean` looks at all of them. */
const house = sharedHouse({ config: ['worktree:', '  keep: failed'] });

it('a project that is stopped while its worktree is made is put away when that is over, and loses nothing', async () => {
  const { s } = house;
  // At whatever moment git is at work, and in a set-up that has no end of its own.
  const ways = { one: [], two: [], three: ['--setup', 'sleep 600'] };
  for (const [name, args] of Object.entries(ways)) {
    const { id, worktreePath, workBranch } = await house.make(name, sequence(MEND_SUM), ...args);
    await s.df('start', id);
    while (!(await there(worktreePath))) await turn();
    await s.df('stop', id);
    await s.settles(id);
    expect(await s.services.git.validateWorktree(s.repository.dir, worktreePath), name).toBe(true);
    await writeFile(join(worktreePath, 'later.txt'), 'later\n');
    expect(await s.json('clean', '--all')).toMatchObject({ worktrees: [worktreePath], kept: [] });
    expect(await s.repository.git('show', `${workBranch}:later.txt`)).toBe('later');
    const events = (await s.events(id)).map(({ type }) => type);
    if (name === 'three') expect(events).not.toContain('project.prepared');
  }
});

describe('worktree.keep', () => {
  it('failed: the worktree of a failed project stays, that of a completed one goes; df clean leaves it, df clean --all does not', async () => {
    const stays = { completed: false, failed: true };
    const { s } = house;
    const completed = await house.make('completed', sequence(MEND_SUM));
    const failed = await house.make('failed', sequence(MEND_SUM));
    const waited = await s.df('start', completed.id, '--wait');
    expect(waited.code, waited.stderr).toBe(0);
    await s.df('start', failed.id);
    await until(() => there(failed.worktreePath), 30_000, 'a worktree of the second');
    await s.df('stop', failed.id);
    await settled(s, failed.id);
    const worktrees = async () => ({
      completed: await there(completed.worktreePath),
      failed: await there(failed.worktreePath),
    });
    expect(await worktrees()).toEqual(stays);

    await writeFile(join(failed.worktreePath, 'later.txt'), 'later\n');
    const kept = [{ path: failed.worktreePath, reason: 'worktree.keep is failed' }];
    expect(await s.json('clean')).toMatchObject({ worktrees: [], kept });
    const all = { worktrees: [failed.worktreePath], kept: [] };
    expect(await s.json('clean', '--all', '--dry-run')).toMatchObject({ dryRun: true, ...all });
    expect(await worktrees()).toEqual(stays);

    expect(await s.json('clean', '--all')).toMatchObject({ dryRun: false, ...all });
    expect(await worktrees()).toEqual({ completed: false, failed: false });
    // What stood there is committed first: nothing is lost.
    expect(await s.repository.git('show', `${failed.workBranch}:later.txt`)).toBe('later');
  });
});

describe('df clean', () => {
  it('spares what a gate of an ended project is at work with, and clears it away when the gate is over', async () => {
    const s = await scenario();
    const command = 'touch began; until [ -e go ]; do sleep 0.1; done';
    const { id, worktreePath } = await s.init('looked-at', '--test', command);
    await s.worker();
    await s.df('stop', id);
    await settled(s, id);
    const gate = s.df('gate', id, '--json');
    const folder = join(s.home, 'data/scratch', id);
    const tree = await until(
      async () => {
        for (const name of await readdir(folder).catch(() => [])) {
          const at = join(folder, name, name.replace(/^tree-/, 'scratch-'));
          if (name.startsWith('tree-') && (await there(join(at, 'began')))) return at;
        }
        return null;
      },
      60_000,
      'the check of the gate',
    );
    const cleaned = await s.json<Cleaned>('clean', '--all', '--older-than', '1ms');
    expect(cleaned).toMatchObject({ worktrees: [], scratch: [], packages: { entries: 0 } });
    expect(cleaned.kept).toEqual([{ path: folder, reason: 'a gate or an audit is at work there' }]);
    expect([await there(join(tree, 'began')), await there(worktreePath)]).toEqual([true, true]);
    await writeFile(join(tree, 'go'), '');
    const { checks } = JSON.parse((await gate).stdout) as QualityReport;
    expect(checks).toMatchObject([{ name: 'Tests', exitCode: 0 }]);
    await until(async () => !(await there(worktreePath)), 30_000, 'the worktree is gone');
    await until(async () => !(await there(folder)), 30_000, 'its scratch trees are gone');
  });
});
