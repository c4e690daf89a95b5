import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeTemporaryFolder } from '../../src/lib/temporary-folder.ts';
import { endOrphans, newMark } from '../../src/sandbox/orphans.ts';
import { createServices, type Services } from '../../src/services.ts';
import { episodesOf } from '../../src/state/episodes.ts';
import { sweepScratch, sweepTemporary, sweepWorktrees } from '../../src/workers/sweep.ts';
import { type Scenario, scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function open(): Promise<{
  s: Scenario;
  services: Services;
  types: (id?: string) => Promise<string[]>;
}> {
  const s = await scenario();
  const services = await createServices({ env: { ...s.env, DF_HOME: s.home } });
  onTestFinished(() => services.close());
  const types = async (id?: string) => {
    const file = id === undefined ? 'data/events.jsonl' : `data/projects/${id}/events.jsonl`;
    const text = await readFile(join(s.home, file), 'utf8').catch(() => '');
    return [...text.matchAll(/"type":"([^"]+)"/g)].map(([, type = '']) => type);
  };
  return { s, services, types };
}

/** A project that ended, whose worktree is there all the same. */
async function leaveWorktree({ s, services }: { s: Scenario; services: Services }, name: string) {
  const project = await s.init(name);
  const { repository, worktreePath: worktree, workBranch: branch, baseCommit: commit } = project;
  await services.git.createWorktree({ repository, worktree, branch, commit });
  await writeFile(join(worktree, 'left.txt'), 'work\n');
  await services.state
    .project(project.id)
    .update((current) => ({ ...current, status: 'failed', settled: true, endTime: new Date() }));
  return project;
}

it('a worktree whose project has ended is committed and removed, once nobody touched it for a while', async () => {
  const opened = await open();
  const { s, services, types } = opened;
  const project = await leaveWorktree(opened, 'ended');
  await sweepWorktrees(services);
  expect(await there(project.worktreePath)).toBe(true);
  await utimes(project.worktreePath, new Date(0), new Date(0));
  await sweepWorktrees(services);
  expect(await there(project.worktreePath)).toBe(false);
  expect(await s.repository.git('show', `${project.workBranch}:left.txt`)).toBe('work');
  expect(await types(project.id)).toContain('worktree.orphan_removed');
});

it('a worktree whose project is gone goes too; one that leads nowhere is kept and told once', async () => {
  const opened = await open();
  const { s, services, types } = opened;
  const project = await leaveWorktree(opened, 'gone');
  await rm(services.state.projectFolder(project.id), { recursive: true });
  const nowhere = join(services.home.worktrees, '00000000-0000-4000-8000-000000000000');
  await mkdir(nowhere, { recursive: true });
  await writeFile(join(nowhere, '.git'), 'gitdir: /nowhere/.git/worktrees/x\n');
  await sweepWorktrees(services, 0);
  await sweepWorktrees(services, 0);
  expect(await there(project.worktreePath)).toBe(false);
  expect(await s.repository.git('show', `${project.workBranch}:left.txt`)).toBe('work');
  expect(await there(nowhere)).toBe(true);
  expect((await types()).sort()).toEqual(['worktree.orphan_kept', 'worktree.orphan_removed']);
});

it('scratch trees of a dead worker and the folders of ended projects are removed', async () => {
  const opened = await open();
  const { services, types } = opened;
  const project = await leaveWorktree(opened, 'scratch');
  const place = join(services.home.data, 'scratch', project.id, 'tree-1');
  await mkdir(place, { recursive: true });
  const holder = { ...(await services.holder()), pid: 2 ** 22 + 1 };
  await writeFile(join(place, 'owner.json'), JSON.stringify({ holder, repository: project.repository }));
  await sweepScratch(services);
  expect(await there(join(services.home.data, 'scratch', project.id))).toBe(false);
  expect(await types(project.id)).toContain('scratch.orphans_removed');
});

it('processes that a killed worker left are found by their mark and ended; those of a living one are let be', async () => {
  const mine = spawn('sleep', ['60'], { env: { [newMark().split('=')[0] ?? '']: newMark().split('=')[1] } });
  const orphanMark = newMark()
    .replace(`.${process.pid}.`, `.${2 ** 22 + 1}.`)
    .split('=');
  const orphan = spawn('sleep', ['60'], { env: { [orphanMark[0] ?? '']: orphanMark[1] } });
  onTestFinished(() => {
    mine.kill('SIGKILL');
    orphan.kill('SIGKILL');
  });
  const ended = once(orphan, 'exit');
  await until(() => endOrphans().includes(orphan.pid ?? -1));
  expect((await ended)[1]).toBe('SIGKILL');
  expect(mine.exitCode).toBeNull();
  expect(mine.signalCode).toBeNull();
});

it('temporary folders of processes that are gone are removed; those of living ones are let be', async () => {
  const { services, types } = await open();
  const mine = makeTemporaryFolder('merge');
  onTestFinished(() => mine.close());
  const left = mine.folder.replace(`-${process.pid}-`, `-${2 ** 22 + 1}-`);
  await mkdir(left);
  await sweepTemporary(services);
  expect([await there(left), await there(mine.folder)]).toEqual([false, true]);
  expect(await types()).toContain('temporary.orphans_removed');
});

it('what lasts begins once and ends once, whoever asks', async () => {
  const { services } = await open();
  const episodes = episodesOf(services);
  expect(await Promise.all([episodes.begin('disk'), episodes.begin('disk')])).toContain(true);
  expect(await episodes.begin('disk')).toBe(false);
  expect(await episodes.list()).toEqual(['disk']);
  expect(await episodes.end('disk')).toBe(true);
  expect(await episodes.end('disk')).toBe(false);
  expect(await episodes.isDue('sweep', 60_000)).toBe(true);
  expect(await episodes.isDue('sweep', 60_000)).toBe(false);
  expect(await episodes.isDue('sweep', 0)).toBe(true);
});
