import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Payload } from '../../../src/queues/jobs/catalogue.ts';
import { processor } from '../../../src/workers/processors/quality-gates.ts';
import { PROJECT_ID, sampleAgent, sampleTask } from '../../support/samples.ts';
import { createWorldAtRest } from './world.ts';

const CHECK = { name: 'Tests', command: 'make check', expectedExitCode: 0, source: 'Makefile' };
const at = { projectId: PROJECT_ID, persona: 'engineer' };

type Given = NonNullable<Parameters<typeof createWorldAtRest>[0]>;

/** A world with an agent that claims to be done after three steps, and a folder for the slots of gates. */
async function openWorld({ config, ...given }: Given) {
  const data = await mkdtemp(join(tmpdir(), 'df-gates-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const settings = { gates: { concurrency: 1 }, limits: { diskFree: '0%' }, ...config };
  return createWorldAtRest({ data, agents: [sampleAgent()], config: settings, ...given });
}

async function run(payload: Payload<'quality-gates'>, given: Given) {
  const world = await openWorld(given);
  const result = await processor(payload, world.context);
  const journal = () => world.state.journal(PROJECT_ID, 'engineer').entries();
  const reports = () => world.state.gates(PROJECT_ID).list();
  return { ...world, result, journal, reports, types: world.events.map(({ type }) => type) };
}

describe('the baseline gate', () => {
  const due = { project: { baselineGate: undefined } } as unknown as Given;

  it('is run once: whoever comes later is told that it is not due', async () => {
    const { result, acts } = await run({ ...at, kind: 'baseline' }, {});
    expect([result.outcome, acts]).toEqual(['skipped', []]);
  });

  it('puts its report down, known failures and all, and asks for the first step', async () => {
    const { result, project, reports, acts } = await run(
      { ...at, kind: 'baseline' },
      { ...due, checks: [CHECK], command: () => 1 },
    );
    expect(result).toMatchObject({
      outcome: 'done',
      detail: expect.stringContaining('baseline gate: '),
    });
    expect(await project()).toMatchObject({ baselineGate: `baseline-${PROJECT_ID}`, prepared: true });
    expect(await reports()).toMatchObject([{ kind: 'baseline', passed: false }]);
    expect(acts.at(-1)).toBe(`dispatch ${PROJECT_ID}`);
  });

  it('that could never pass pauses the project before anything is paid for, and has the set-up made anew', async () => {
    const { result, project, acts } = await run(
      { ...at, kind: 'baseline' },
      {
        ...due,
        checks: [{ ...CHECK, command: null }],
        workspace: { forgetSetup: async () => 'No packages.' },
      },
    );
    expect(result.detail).toContain('could never pass');
    expect(await project()).toMatchObject({ prepared: false, baselineGate: undefined });
    expect(acts.at(-1)).toMatch(new RegExp(`^pause ${PROJECT_ID} owner: .*No packages. .*df resume`));
    expect(acts).not.toContain(`dispatch ${PROJECT_ID}`);
  });

  it('waits for a package that the repository declares and nothing installed, unless the work is about it', async () => {
    const given: Given = {
      checks: [CHECK],
      command: () => 1,
      output: "E   ModuleNotFoundError: No module named 'snowflakes'",
      git: { listFiles: async () => ['test_requirements.txt'], showFile: async () => 'snowflakes==1\n' },
    };
    const waiting = await run({ ...at, kind: 'baseline' }, { ...due, ...given });
    expect(waiting.acts.at(-1)).toMatch(/^pause .*needs snowflakes \(test_requirements\.txt\).*--setup CMD/);
    const about = { project: { ...due.project, description: 'Do without snowflakes.' } };
    const asked = await run({ ...at, kind: 'baseline' }, { ...about, ...given });
    expect(asked.acts.at(-1)).toMatch(/^dispatch/);
    const config = { gates: { concurrency: 1, knownFailures: 'allow' } };
    const allowed = await run({ ...at, kind: 'baseline' }, { ...due, ...given, config });
    expect(allowed.acts.at(-1)).toMatch(/^dispatch/);
  });

  it('leaves out what nobody named, where config.yaml says so', async () => {
    const linter = { name: 'Linter', command: null, expectedExitCode: 0, source: 'Makefile' };
    const { project } = await run(
      { ...at, kind: 'baseline' },
      { ...due, checks: [CHECK, linter], config: { gates: { concurrency: 1, missing: 'skip' } } },
    );
    expect((await project()).settings.notChecked).toMatchObject([{ name: 'Linter' }]);
  });
});

describe('the gate on a claim of being done', () => {
  const finish = { ...at, kind: 'finish', step: 4 } as const;

  it('that passes completes the agent: report, journal, state, event, next job', async () => {
    const { agent, journal, reports, acts, types } = await run(finish, { checks: [CHECK] });
    expect(await agent()).toMatchObject({ status: 'completed', nextStep: 5, gateRound: 1 });
    expect((await journal()).map(({ type }) => type)).toEqual(['lease', 'note', 'step_done']);
    expect((await journal()).at(-1)).toMatchObject({ type: 'step_done', step: 4, outcome: 'passed' });
    expect(await reports()).toMatchObject([{ id: 'engineer-4', kind: 'finish', passed: true }]);
    expect(types).toEqual(['gate.passed']);
    expect(acts.at(-1)).toBe(`dispatch ${PROJECT_ID}`);
  });

  it.each([
    ['before the gate is not settled at all', [true], 0],
    ['while the gate ran is not settled by it', [false, true], 1],
  ])('whose owner has said something %s: the agent is told first', async (_when, news, ran) => {
    const { agent, journal, reports } = await run(finish, { checks: [CHECK], news });
    expect(await agent()).toMatchObject({ status: 'thinking', nextStep: 5, gateRound: ran });
    expect((await journal()).at(-1)).toMatchObject({ type: 'step_done', outcome: 'continue' });
    expect((await journal()).find(({ type }) => type === 'note')).toMatchObject({
      text: expect.stringContaining('Your owner has said something meanwhile'),
    });
    expect(await reports()).toHaveLength(ran);
  });

  it('that fails tells the agent what failed and lets it go on', async () => {
    const { agent, journal } = await run(finish, { checks: [CHECK], command: () => 1 });
    expect(await agent()).toMatchObject({ status: 'thinking', nextStep: 5, gateRound: 1 });
    const note = (await journal()).find((entry) => entry.type === 'note');
    expect(note).toMatchObject({ key: 'gate-engineer-4', text: expect.stringContaining('Fix what failed') });
  });

  it('that fails for the last time blocks the agent and says why', async () => {
    const { agent } = await run(finish, {
      checks: [CHECK],
      command: () => 1,
      config: { gates: { concurrency: 1, maxRounds: 1 } },
    });
    expect(await agent()).toMatchObject({
      status: 'blocked',
      blockedReason: 'Its gate failed once, at last for: Tests.',
    });
  });

  it('settles open tasks of the agent by their own criteria, and leaves those of others', async () => {
    const criteria = [{ name: 'there', command: 'test -f form', expectedExitCode: 0, fromPersona: false }];
    const tasks = [
      sampleTask({ id: '5a1e7c2a-0d3b-4b59-8f6e-000000000001', criteria }),
      sampleTask({ id: '5a1e7c2a-0d3b-4b59-8f6e-000000000002', criteria, assignedPersona: 'reviewer' }),
    ];
    const { state } = await run(finish, { checks: [CHECK], tasks });
    const { tasks: after } = await state.tasks(PROJECT_ID).get();
    expect(after.map(({ evidence }) => evidence.map(({ passed }) => passed))).toEqual([[true], []]);
  });

  it('waits while another job is at the step, and is skipped when the step is over or the project at rest', async () => {
    const held = await openWorld({
      services: { openLease: async () => ({ epoch: 1, holder: 'alive', job: 'another' }) },
    });
    await held.state.journal(PROJECT_ID, 'engineer').lease(4, { host: 'there', pid: 2, startedAt: '1' });
    expect(await processor(finish, held.context)).toMatchObject({ outcome: 'parked' });
    const paused = await run(finish, { project: { status: 'paused' } });
    expect(paused.result).toEqual({ outcome: 'skipped', detail: 'the project is paused' });
    expect(paused.acts).toEqual([]);
  });
});

describe('a gate that somebody asked for', () => {
  const manual = { ...at, kind: 'manual', reportId: 'asked-1' } as const;

  it('makes the worktree of an ended project, and puts it away again', async () => {
    const { result, acts, reports } = await run(manual, {
      project: { status: 'completed', settled: true },
      checks: [CHECK],
      git: { validateWorktree: async () => false },
    });
    expect(result.outcome).toBe('done');
    expect(await reports()).toMatchObject([{ id: 'asked-1', kind: 'manual' }]);
    const order = [
      'git createWorktree',
      'workspace scratchTree',
      'git deleteWorktree',
      'workspace sweepScratchTrees',
    ];
    expect(acts.filter((act) => order.includes(act))).toEqual(order);
  });

  it('leaves a worktree that was there, and is run once', async () => {
    const given = { project: { status: 'failed' as const }, checks: [CHECK] };
    const { context, acts, result } = await run(manual, given);
    expect(result.outcome).toBe('done');
    expect(await processor(manual, context)).toEqual({ outcome: 'skipped', detail: 'already run' });
    expect(acts).not.toContain('git deleteWorktree');
  });
});

it('a merge is not due for a project that explores nothing', async () => {
  const { result } = await run({ projectId: PROJECT_ID, kind: 'merge' } as Payload<'quality-gates'>, {});
  expect(result).toEqual({ outcome: 'skipped', detail: 'the project is active' });
});
