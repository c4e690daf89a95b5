import { spawn } from 'node:child_process';
import { copyFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { done } from '../../src/queues/jobs/result.ts';
import { createServices, type Services } from '../../src/services.ts';
import { afterFailure } from '../../src/workers/after-failure.ts';
import { withTries } from '../../src/workers/maintenance/tries.ts';
import type { JobContext } from '../../src/workers/steps/processor.ts';
import { addProject } from '../state/samples.ts';
import { makeHome } from '../support/home.ts';
import { until } from '../support/until.ts';

async function world() {
  const home = await makeHome();
  const services = await createServices({ role: 'worker', env: { DF_HOME: home.home } });
  onTestFinished(async () => {
    await services.close();
    await home.cleanup();
  });
  const { id } = await addProject(services.state);
  const context: JobContext = { services, job: 'x/1', signal: new AbortController().signal, log: () => {} };
  const types = async () => (await services.state.events(id).readAll()).map(({ type }) => type);
  return { services, id, context, types, tries: join(services.home.data, 'tries') };
}

/** Leaves the file of a try as a worker does that is killed in the midst of it. */
async function killedTry(
  { holder }: Services,
  tries: string,
  work: (killed: Promise<never>) => Promise<unknown>,
) {
  const child = spawn('sleep', ['60']);
  const gone = new Promise((resolve) => child.once('close', resolve));
  let stop = (_: Error): void => {};
  const killed = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const running = Promise.allSettled([killed, work(killed)]);
  await until(() => readNames(tries).some((name) => !left.has(name)));
  const name = readNames(tries).find((each) => !left.has(each)) ?? '';
  const text = JSON.stringify({ ...(await holder()), pid: child.pid, startedAt: 'unknown' });
  stop(new Error('killed'));
  await running;
  writeFileSync(join(tries, name), text);
  left.add(name);
  child.kill('SIGKILL');
  await gone;
}
const left = new Set<string>();
const readNames = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

it.each([
  ['quality-gates', { kind: 'baseline', persona: 'engineer' }, /The baseline gate ended 3 workers/],
  ['quality-gates', { kind: 'merge', persona: 'engineer' }, /The merge gate ended 3 workers/],
  ['projects', { action: 'start' }, /The start of the project ended 3 workers/],
] as const)(
  'A02 worker-kill-twice: a job of %s that kills three workers pauses its project: %o',
  async (queue, payload, reason) => {
    const { services, id, context, types, tries } = await world();
    const job = { ...payload, projectId: id };
    let begun = 0;
    const go = (work: () => Promise<never> | Promise<ReturnType<typeof done>>) =>
      withTries(queue, job, context, async () => {
        begun += 1;
        return work();
      });
    for (let kill = 0; kill < 3; kill += 1) await killedTry(services, tries, (killed) => go(() => killed));
    await go(async () => done('never'));
    expect(begun).toBe(3);
    const { status, statusReason } = await services.state.project(id).get();
    expect({ status, statusReason }).toMatchObject({
      status: 'paused',
      statusReason: expect.stringMatching(reason),
    });
    expect(await types()).toContain('job.quarantined');
    expect(await go(async () => done('resumed'))).toEqual(done('resumed'));
    expect(readNames(tries)).toEqual([]);
  },
);

it('a job that fails, is parked or is cut costs no worker', async () => {
  const { context, id, tries } = await world();
  const job = { kind: 'baseline', projectId: id, persona: 'engineer' } as const;
  for (let time = 0; time < 4; time += 1)
    await expect(
      withTries('quality-gates', job, context, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
  expect(await withTries('quality-gates', job, context, async () => done('in'))).toEqual(done('in'));
  expect(readNames(tries)).toEqual([]);
});

it('a worker that was at a job several times over when it died has died once', async () => {
  const { services, context, tries } = await world();
  const job = { action: 'reconcile' } as const;
  const run = (work: () => Promise<ReturnType<typeof done>>) => withTries('projects', job, context, work);
  await killedTry(services, tries, (killed) => run(() => killed));
  const [name = ''] = readNames(tries);
  for (const other of ['1', '2']) copyFileSync(join(tries, name), join(tries, `${name}${other}`));
  expect(await run(async () => done('looked'))).toEqual(done('looked'));
  expect(readNames(tries)).toEqual([]);
});

it('a look for lost work that is given up is told once, however often it comes round', async () => {
  const { services, context, tries } = await world();
  const job = { action: 'reconcile' } as const;
  const run = (work: () => Promise<ReturnType<typeof done>>) => withTries('projects', job, context, work);
  for (let kill = 0; kill < 3; kill += 1) await killedTry(services, tries, (killed) => run(() => killed));
  for (let round = 0; round < 3; round += 1)
    expect(await run(async () => done('looked'))).toMatchObject({ outcome: 'parked' });
  const told = (await services.factoryEvents.readAll()).filter(({ type }) => type === 'job.quarantined');
  expect(told.map(({ message }) => message)).toEqual([
    'The look for lost work ended 3 workers in a row and is not tried again for ten minutes.',
  ]);
});

it('a job that was given up before the clock was set back is tried again ten minutes after that was seen', async () => {
  const { services, context, tries } = await world();
  const run = (at: number) => {
    const clock = { now: () => new Date(at) };
    return withTries('projects', { action: 'reconcile' }, { services: { ...services, clock } }, async () =>
      done('looked'),
    );
  };
  const work = (killed: Promise<never>) =>
    withTries('projects', { action: 'reconcile' }, context, () => killed);
  for (let kill = 0; kill < 3; kill += 1) await killedTry(services, tries, work);
  const back = services.clock.now().getTime();
  const before = new Date(back + 10_800_000);
  for (const name of readNames(tries)) utimesSync(join(tries, name), before, before);
  expect(await run(back)).toMatchObject({ outcome: 'parked', until: new Date(back + 600_000) });
  expect(await run(back + 600_001)).toEqual(done('looked'));
});

it('git that fails for good ends the project once: told once, not asked for again, and nobody is told to resume it', async () => {
  const { services, id, types } = await world();
  const failing = new Error('git could not move the branch: I/O error');
  await services.state.project(id).update((project) => ({ ...project, started: true }));
  const fail = { act: 'fail_project' } as const;
  await afterFailure(services, { projectId: id, persona: 'engineer', step: 1 }, failing, fail);
  const between = await services.state.project(id).get();
  expect(between).toMatchObject({ status: 'failed', settled: false });
  expect(between.statusReason).toMatch(/df retry/);
  expect(between.statusReason).not.toMatch(/df resume/);
  await afterFailure(
    services,
    { projectId: id, action: 'stop', outcome: 'failed', reason: 'x' },
    failing,
    fail,
  );
  const after = await services.state.project(id).get();
  expect(after).toMatchObject({ status: 'failed', settled: true });
  expect(after.statusReason).toMatch(/could not be tidied up: git could not move the branch/);
  expect((await types()).filter((type) => type === 'project.failed')).toHaveLength(1);
});
