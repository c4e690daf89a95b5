import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { memoryNow } from '../../src/lib/process/machine.ts';
import { makeTemporaryFolder } from '../../src/lib/temporary-folder.ts';
import { done } from '../../src/queues/jobs/result.ts';
import { parseInfo } from '../../src/queues/redis/redis-check.ts';
import { newMark } from '../../src/sandbox/run/orphans.ts';
import { createServices, type Services } from '../../src/services.ts';
import { inGateSlot } from '../../src/workers/maintenance/gate-slots.ts';
import {
  sweepSandboxes,
  sweepScratch,
  sweepTemporary,
  sweepWorktrees,
  watchMemory,
  watchRedis,
} from '../../src/workers/maintenance/sweep.ts';
import { eventTypes, readEvents } from '../support/events.ts';
import { type Scenario, type ScenarioOptions, scenario } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function open(options: ScenarioOptions = {}): Promise<{
  s: Scenario;
  services: Services;
  types: (id?: string) => Promise<string[]>;
}> {
  const s = await scenario(options);
  const services = await createServices({ env: { ...s.env, DF_HOME: s.home } });
  onTestFinished(() => services.close());
  const types = (id?: string) => eventTypes(s.home, id);
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
  const cut = `${nowhere}.gone`;
  await mkdir(join(cut, 'src'), { recursive: true });
  await sweepWorktrees(services, 0);
  await sweepWorktrees(services, 0);
  expect(await there(cut)).toBe(false);
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

it('a scratch tree that somebody is at work in stays, after the end too, and so does the worktree', async () => {
  const opened = await open();
  const { services, types } = opened;
  const project = await leaveWorktree(opened, 'at-work');
  const folder = join(services.home.data, 'scratch', project.id);
  await mkdir(join(folder, 'tree-1'), { recursive: true });
  const owner = { holder: await services.holder(), repository: project.repository };
  await writeFile(join(folder, 'tree-1', 'owner.json'), JSON.stringify(owner));
  // A place without an owner: its worker died, or is just about to say who it is.
  await mkdir(join(folder, 'tree-2'));
  await sweepScratch(services);
  await sweepWorktrees(services, 0);
  expect([await there(join(folder, 'tree-1')), await there(join(folder, 'tree-2'))]).toEqual([true, true]);
  expect(await there(project.worktreePath)).toBe(true);
  await utimes(join(folder, 'tree-2'), new Date(0), new Date(0));
  await sweepScratch(services);
  expect([await there(join(folder, 'tree-1')), await there(join(folder, 'tree-2'))]).toEqual([true, false]);
  // On a machine that nobody here can look at, for a day at the most.
  const far = { ...owner, holder: { ...owner.holder, host: 'elsewhere' } };
  await writeFile(join(folder, 'tree-1', 'owner.json'), JSON.stringify(far));
  await sweepScratch(services);
  expect(await there(join(folder, 'tree-1'))).toBe(true);
  await utimes(join(folder, 'tree-1'), new Date(0), new Date(0));
  await sweepScratch(services);
  expect(await there(folder)).toBe(false);
  expect(await types(project.id)).toEqual([
    'project.created',
    'scratch.orphans_removed',
    'scratch.orphans_removed',
  ]);
});

it('a trial of the layer for packages is let be by every clean-up while its maker lives', async () => {
  const { s, services } = await open();
  const scratch = join(services.home.data, 'scratch');
  await mkdir(scratch, { recursive: true });
  const { folder, close } = makeTemporaryFolder('layer', scratch);
  onTestFinished(close);
  await sweepScratch(services);
  expect((await s.df('clean')).code).toBe(0);
  makeTemporaryFolder('layer', scratch).close();
  expect(await there(folder)).toBe(true);
});

it('little memory of Redis is told when it begins and when it is over, once each', async () => {
  const { services, types } = await open();
  const redis = await services.redis();
  const used = Number(parseInfo(await redis.info()).get('used_memory'));
  await watchRedis(services);
  expect(await types()).toEqual([]);
  for (const share of [0.95, 0.93]) {
    await redis.config('SET', 'maxmemory', Math.round(used / share));
    await watchRedis(services);
  }
  expect(await types()).toEqual(['redis.low']);
  await redis.config('SET', 'maxmemory', 0);
  await watchRedis(services);
  await watchRedis(services);
  expect(await types()).toEqual(['redis.low', 'redis.enough']);
});

it('with little memory of the machine fewer gates run at once, which is told when it begins and when it is over', async () => {
  const { services, types } = await open();
  const { available, total } = await memoryNow();
  const used = 1 - available / total;
  const at = (memory: number): Services => {
    const { config } = services;
    const gates = { ...config.gates, concurrency: 2 };
    return { ...services, config: { ...config, gates, limits: { ...config.limits, memory } } };
  };
  const [low, enough] = [at(used * 0.5), at(1)];
  /** Results of two gates at the same time. */
  const two = async (machine: Services): Promise<string[]> => {
    const outcomes: string[] = [];
    const first = await inGateSlot(machine, async () => {
      outcomes.push((await inGateSlot(machine, async () => done('ran'))).outcome);
      return done('ran');
    });
    return [first.outcome, ...outcomes];
  };
  await watchMemory(enough);
  expect(await types()).toEqual([]);
  expect(await two(enough)).toEqual(['done', 'done']);
  await watchMemory(low);
  await watchMemory(low);
  expect(await types()).toEqual(['memory.low']);
  expect(await two(low)).toEqual(['done', 'parked']);
  await watchMemory(enough);
  expect(await types()).toEqual(['memory.low', 'memory.enough']);
  expect(await two(enough)).toEqual(['done', 'done']);
});

it('processes that a killed worker left are found by their mark and ended with an event; those of a living one and of another home are let be', async () => {
  const { s, services } = await open();
  const marked = (mark: string) => {
    const [name = '', value] = mark.split('=');
    return spawn('sleep', ['60'], { env: { [name]: value } });
  };
  const dead = (mark: string) => mark.replace(`.${process.pid}.`, `.${2 ** 22 + 1}.`);
  const { root } = services.home;
  const mine = marked(newMark(root));
  const orphan = marked(dead(newMark(root)));
  const others = marked(dead(newMark('/another/home')));
  onTestFinished(() => {
    mine.kill('SIGKILL');
    orphan.kill('SIGKILL');
    others.kill('SIGKILL');
  });
  const ended = once(orphan, 'exit');
  await until(async () => {
    await sweepSandboxes(services);
    return (await eventTypes(s.home)).length > 0;
  });
  const [told] = await readEvents(s.home);
  expect(told?.type).toBe('sandbox.orphans_ended');
  expect(told?.message).toContain(` ${orphan.pid}.`);
  expect((await ended)[1]).toBe('SIGKILL');
  for (const each of [mine, others]) expect([each.exitCode, each.signalCode]).toEqual([null, null]);
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
