import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { leaseRound } from '../../src/factory/lifecycle/steps/round-lease.ts';
import { atStep } from '../../src/factory/lifecycle/steps/step-lease.ts';
import { LeaseLost } from '../../src/factory/ports.ts';
import { done, skipped } from '../../src/queues/jobs/result.ts';
import { createServices } from '../../src/services.ts';
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
  const context = (job: string): JobContext => ({
    services,
    job,
    signal: new AbortController().signal,
    log: () => {},
  });
  const at = { projectId: id, persona: 'engineer', step: 1 };
  return { services, context, at, journal: services.state.journal(id, 'engineer') };
}

const finished = { type: 'step_done', outcome: 'continue' } as const;

describe('a step that two jobs ask for', () => {
  it('is done by the first; the second waits, and finds it over', async () => {
    const { context, at } = await world();
    const second = () =>
      atStep(context('agent-steps/2'), at, async () => done('twice'), {
        taken: async () => skipped('it is over'),
      });
    const result = await atStep(context('agent-steps/1'), at, async (writer) => {
      expect(await second()).toMatchObject({ outcome: 'parked' });
      await writer.append(finished);
      return done('once');
    });
    expect(result).toEqual(done('once'));
    expect(await second()).toMatchObject({ outcome: 'skipped' });
  });

  it('is taken over at once by the same job delivered again, and the first writes nothing more', async () => {
    const { context, at } = await world();
    const first = atStep(context('agent-steps/1'), at, async (writer) => {
      const again = await atStep(context('agent-steps/1'), at, async (newer) => {
        await newer.append(finished);
        return done('again');
      });
      expect(again).toEqual(done('again'));
      await writer.append({ type: 'note', key: 'late', text: 'too late' });
      return done('never');
    });
    await expect(first).rejects.toBeInstanceOf(LeaseLost);
  });

  it('is free at once when its work ended without an end of the step, by a failure too', async () => {
    const { context, at, services } = await world();
    await expect(
      atStep(context('agent-steps/1'), at, async () => {
        throw new Error('no luck');
      }),
    ).rejects.toThrow('no luck');
    expect(await services.openLease(at.projectId, at.persona)).toBeNull();
    const next = await atStep(context('agent-steps/2'), at, async (writer) => {
      await writer.append(finished);
      return done('then');
    });
    expect(next).toEqual(done('then'));
  });

  it('that could not be put down, for its folder could not be written, is free once it can be', async () => {
    const { context, at, services } = await world();
    const file = join(services.state.projectFolder(at.projectId), 'agents', 'engineer.jsonl');
    const work = async () => {
      renameSync(file, `${file}.aside`);
      mkdirSync(file);
      return done('half');
    };
    expect(await atStep(context('agent-steps/1'), at, work)).toEqual(done('half'));
    rmdirSync(file);
    renameSync(`${file}.aside`, file);
    expect(await services.openLease(at.projectId, at.persona)).not.toBeNull();
    await until(async () => (await services.openLease(at.projectId, at.persona)) === null);
  });

  it('of which the journal lost its end is refused with the name of the file, instead of asked for again and again', async () => {
    const { context, at, services } = await world();
    const file = join(services.state.projectFolder(at.projectId), 'agents', 'engineer.jsonl');
    const step = (number: number) =>
      atStep(context('agent-steps/1'), { ...at, step: number }, async (writer) => {
        await writer.append(finished);
        return done('once');
      });
    for (const number of [1, 2, 3]) await step(number);
    const whole = readFileSync(file, 'utf8');
    const firstStep = whole.slice(0, whole.indexOf('\n', whole.indexOf('step_done')) + 1);
    for (const [kind, spoil] of [
      ['emptied', () => writeFileSync(file, '')],
      ['cut to a prefix', () => writeFileSync(file, firstStep)],
      ['gone', () => rmSync(file)],
    ] as const) {
      spoil();
      await expect(step(4), kind).rejects.toMatchObject({
        code: 'journal_short',
        message: expect.stringContaining(file),
      });
    }
    writeFileSync(file, whole);
    expect(await step(4)).toEqual(done('once'));
  });

  it('in whose place the journal of another project was put is refused with the name of the file', async () => {
    const { context, at, services } = await world();
    const other = { ...at, projectId: (await addProject(services.state)).id };
    const fileOf = ({ projectId }: typeof at) =>
      join(services.state.projectFolder(projectId), 'agents', 'engineer.jsonl');
    const step = (of: typeof at, number: number) =>
      atStep(context('agent-steps/1'), { ...of, step: number }, async (writer) => {
        await writer.append(finished);
        return done('once');
      });
    await step(at, 1);
    await step(other, 1);
    const whole = readFileSync(fileOf(at));
    writeFileSync(fileOf(at), readFileSync(fileOf(other)));
    await expect(step(at, 2)).rejects.toMatchObject({
      code: 'journal_foreign',
      message: expect.stringContaining(fileOf(at)),
    });
    writeFileSync(fileOf(at), whole);
    expect(await step(at, 2)).toEqual(done('once'));
    // A branch begins with what its parent's journal says.
    const child = {
      ...at,
      projectId: (await addProject(services.state, { parentProjectId: at.projectId })).id,
    };
    writeFileSync(fileOf(child), readFileSync(fileOf(at)));
    expect(await step(child, 3)).toEqual(done('once'));
  });

  it('is taken from a dead worker without waiting', async () => {
    const { context, at, journal, services } = await world();
    const child = spawn('sleep', ['60']);
    const { pid = 0 } = child;
    const startedAt = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21] ?? '';
    const { host } = await services.holder();
    await journal.lease(1, { host, pid, startedAt, job: 'agent-steps/1' });
    execFileSync('kill', ['-9', String(pid)]);
    await new Promise((resolve) => child.once('exit', resolve));
    const result = await atStep(context('agent-steps/2'), at, async (writer) => {
      await writer.append(finished);
      return done('taken');
    });
    expect(result).toEqual(done('taken'));
  });
});

describe('a round that was put down with the project and not ended in the journal', () => {
  it('is ended, so that the next one can begin', async () => {
    const { context, at, journal, services } = await world();
    await journal.lease(1, await services.holder());
    await services.state.project(at.projectId).update((project) => ({ ...project, auditRounds: 1 }));
    const writer = await leaseRound(context('audits/2'), { ...at, step: 2 });
    expect(writer?.step).toBe(2);
    const rounds = (await journal.entries()).filter(({ type }) => type === 'step_done');
    expect(rounds.map(({ step }) => step)).toEqual([1]);
  });

  it('that is open for another reason stays open', async () => {
    const { context, at } = await world();
    expect(await leaseRound(context('audits/2'), { ...at, step: 2 })).toBeNull();
  });
});
