/** What a worker that was killed leaves behind, and what Redis forgot: found and fixed by the next worker, with an event each. */
import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { eventTypes, readEvents } from '../support/events.ts';
import { processesOf } from '../support/processes/process-list.ts';
import { byPrompt, call, MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const there = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
const status = async (s: Scenario, id: string) => (await s.json<{ project: Project }>('status', id)).project;
const flush = (s: Scenario) => run('redis-cli', ['-p', String(s.redis.port), 'flushall']);

/** Moves the end of all that is set aside this many milliseconds nearer. */
async function ageReservations(s: Scenario, ms: number): Promise<void> {
  const redis = async (...args: string[]) =>
    (await run('redis-cli', ['-p', String(s.redis.port), ...args])).stdout.split('\n').filter(Boolean);
  const [key = ''] = await redis('keys', '*:meter:expiry');
  const ids = await redis('zrange', key, '0', '-1');
  expect(ids).toHaveLength(1);
  for (const id of ids) await redis('zincrby', key, String(-ms), id);
}

describe('a killed worker', () => {
  it('A25 stale-index-lock: leaves a process, a lease and the lock of a git: the next worker ends, takes over and removes them, and says so', async () => {
    const s = await scenario({
      // The kernel would end a sandbox with its worker; without one the command lives on.
      config: ['sandbox:', '  mode: "off"'],
      script: sequence([
        call('bash', { command: 'sleep 987' }),
        call('write_file', { path: 'new.txt', content: 'new\n' }),
        call('commit', { message: 'Add a file' }),
        call('bash', { command: 'sleep 986' }),
      ]),
    });
    const { id, worktreePath, workBranch } = await s.init('left');
    const killed = await s.worker();
    await s.df('start', id);
    // The command itself: the shells that start it have its text as well, and end with their worker.
    const sleeping = () => processesOf(s.home).filter(({ command }) => command.startsWith('sleep 987'));
    await until(() => sleeping().length > 0, 60_000, 'the command of the first step');
    killed.kill('SIGKILL');
    await killed.exited;
    expect(sleeping().length).toBeGreaterThan(0);
    const link = await readFile(join(worktreePath, '.git'), 'utf8');
    const lock = join(link.replace('gitdir: ', '').trim(), 'index.lock');
    await writeFile(lock, '');

    await s.worker();
    await until(() => sleeping().length === 0, 60_000, 'the end of the command that was left');
    await until(
      async () => (await s.repository.git('ls-tree', '--name-only', workBranch)).includes('new.txt'),
      60_000,
      'the commit',
    );
    expect(await there(lock)).toBe(false);
    expect(await eventTypes(s.home, id)).toContain('lease.taken_over');
    const told = await until(
      async () => {
        const events = (await readEvents(s.home)).filter(({ level }) => level === 'warn');
        return events.length >= 2 ? events : null;
      },
      30_000,
      'the events of the factory',
    );
    const words = told.map(({ message }) => message).join('\n');
    expect(told.map(({ type }) => type).sort(), words).toEqual(['git.lock_removed', 'sandbox.orphans_ended']);
    expect(told.find(({ type }) => type === 'git.lock_removed')?.message).toContain(lock);
  });

  it('A01 worker-kill-llm: leaves money set aside for a request: told once, and not to be spent again', async () => {
    let asked = 0;
    const s = await scenario({
      config: ['agent:', '  modelTimeout: 3s'],
      script: () => {
        asked += 1;
        return { ...call('bash', { command: 'true' }), delayMs: asked === 1 ? 120_000 : 0 };
      },
    });
    const { id } = await s.init('asked');
    const killed = await s.worker();
    await s.df('start', id);
    await until(() => s.model.requests.length > 0, 60_000, 'the request');
    killed.kill('SIGKILL');
    await killed.exited;
    // Nobody takes the step up, which would settle it.
    expect((await s.df('pause', id)).code).toBe(0);
    await ageReservations(s, 70_000);
    await s.worker();
    const types = () => eventTypes(s.home, id);
    await until(async () => (await types()).includes('reservation.expired'), 120_000, 'the event');
    // Looks at what was left come every six seconds here: one more changes nothing.
    const looks = async () =>
      (await stat(join(s.home, 'data/episodes/.sweep')).catch(() => null))?.mtimeMs ?? 0;
    const last = await looks();
    await until(async () => (await looks()) > last, 60_000, 'another look');
    await until(async () => (await looks()) > last + 5_000, 60_000, 'the end of that look');
    const told = (await readEvents(s.home, id)).filter(({ type }) => type === 'reservation.expired');
    expect(told).toHaveLength(1);
    expect(told[0]?.message).toMatch(/A request to main never came to an end, for its worker is gone/);
    expect((await s.df('resume', id)).code).toBe(0);
    await until(() => asked >= 3, 60_000, 'the work goes on');
    const { entries } = await s.costs(id);
    expect(entries.filter(({ possible }) => possible)).toHaveLength(1);
  });
});

describe('a Redis that forgot everything', () => {
  it('A32 scheduler-lost: a step, a set-up and a probe that are in no queue any more are queued again, with an event each', async () => {
    const s = await scenario({
      script: byPrompt([{ match: 'Fix second', script: sequence(MEND_SUM) }], sequence(MEND_SUM)),
      model: { faults: [{ fault: { fault: 'insufficient_quota' } }] },
    });
    const broke = await s.init('first');
    const worker = await s.worker();
    await s.df('start', broke.id);
    await until(
      async () => (await status(s, broke.id)).status === 'waiting_for_credits',
      60_000,
      'no credits',
    );
    await worker.stop();
    const started = await s.init('second');
    await s.df('start', started.id);
    await flush(s);
    // For longer than whoever saves needs to ask for what follows: twice `reconcileInterval`.
    const since = Math.max(
      ...(await Promise.all([broke, started].map(({ id }) => status(s, id)))).map(({ updatedAt }) =>
        new Date(updatedAt).getTime(),
      ),
    );
    await until(() => Date.now() > since + 4_500, 10_000, 'a quiet while');
    await s.worker();
    const lost = async (id?: string) =>
      (await readEvents(s.home, id))
        .filter(({ type }) => type === 'job.requeued')
        .map(({ message }) => message);
    await until(async () => (await lost()).length > 0, 30_000, 'the lost probe');
    await until(async () => (await lost(started.id)).length > 0, 30_000, 'the lost start');
    expect(await lost()).toEqual([
      'The job “main” (provider-probes) was in no queue though it was due; it is queued again.',
    ]);
    expect(await lost(started.id)).toEqual([
      `The job “${started.id.slice(0, 8)} start” (projects) was in no queue though it was due; it is queued again.`,
    ]);
    s.model.setFaults([]);
    for (const { id } of [broke, started]) expect((await s.df('start', id, '--wait')).code).toBe(0);
  });
});
