import { describe, expect, it } from 'vitest';
import { lastBooks } from '../../../src/factory/lifecycle/steps/last-books.ts';
import { AUDITOR } from '../../../src/factory/model/agents.ts';
import type { Evidence } from '../../../src/factory/model/task.ts';
import { processor } from '../../../src/workers/processors/audits.ts';
import { NOW, PROJECT_ID, sampleTask } from '../../support/samples.ts';
import { audited, CRITERION, CUT, closing, gate, verdict } from './audited.ts';
import { createWorld, HEAD, type WorldOptions } from './world.ts';

describe('a job of audits', () => {
  it('passes when commands and a judge agree, and the project comes to its end', async () => {
    const world = await audited({ answer: () => verdict(true) });
    expect(await processor(closing, world.context)).toEqual({
      outcome: 'done',
      detail: 'closing audit passed',
    });
    expect(await world.tasks()).toMatchObject([{ status: 'completed' }]);
    expect(await world.project()).toMatchObject({
      auditRounds: 1,
      failedAudits: 0,
      lastAudit: { passed: true, judge: 'judge', commit: HEAD },
    });
    expect(world.jobs).toMatchObject([{ payload: { action: 'stop', outcome: 'completed' } }]);
  });

  it('is no word of a judge alone: where the command fails nobody is asked, and the owner of the task goes on', async () => {
    const world = await audited({ command: () => 1, answer: () => verdict(true) });
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit found 1 open' });
    expect(world.asked).toEqual([]);
    expect(await world.tasks()).toMatchObject([{ status: 'in_progress' }]);
    expect(await world.agent()).toMatchObject({ status: 'thinking', nextStep: 2, epoch: 1 });
    expect(world.entries('engineer')).toMatchObject([
      { type: 'lease' },
      { type: 'note', key: 'audit-1', text: expect.stringContaining('do not pass: form') },
      { type: 'step_done', outcome: 'continue' },
    ]);
    expect(world.jobs).toMatchObject([{ queue: 'agent-steps', payload: { step: 2 } }]);
  });

  it('lets a judge look first, then takes its word against the work', async () => {
    const answers = [[['run_criterion', { name: 'form' }]] as [string, object][], verdict(false)];
    const world = await audited({ answer: () => answers.shift() ?? '' });
    await processor(closing, world.context);
    expect(world.asked[1]?.request.messages.at(-1)).toMatchObject({
      role: 'tool',
      output: expect.stringContaining('exit code 0'),
    });
    expect(await world.project()).toMatchObject({ failedAudits: 1, lastAudit: { passed: false } });
  });

  it('sends an answer in another form back once, and takes none that cannot be read', async () => {
    const world = await audited({ answer: () => 'Looks good to me!' });
    await processor(closing, world.context);
    expect(world.asked).toHaveLength(2);
    expect(world.asked[1]?.request.messages.at(-1)).toMatchObject({
      text: expect.stringContaining('not one JSON object'),
    });
    expect(await world.project()).toMatchObject({ lastAudit: { passed: false } });
  });

  it('is paid for once: a worker that goes on after a crash asks nothing again', async () => {
    let dies = true;
    const world = await audited({ answer: () => verdict(true) });
    const { get, update, later } = world.state.tasks(PROJECT_ID);
    world.context.services.state.tasks = () => ({
      get,
      later,
      async update(change) {
        if (dies && world.asked.length > 0) throw new Error('the worker dies');
        return update(change);
      },
    });
    await expect(processor(closing, world.context)).rejects.toThrow('the worker dies');
    dies = false;
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit passed' });
    expect(world.asked).toHaveLength(1);
    expect(world.booked).toEqual(['r1']);
  });

  it('waits for money without a round being counted', async () => {
    const until = new Date(NOW.getTime() + 60_000);
    const world = await audited({ answer: () => ({ kind: 'wait', for: 'rate', until, detail: 'slow' }) });
    expect(await processor(closing, world.context)).toEqual({ outcome: 'parked', until, detail: 'slow' });
    expect(await world.project()).toMatchObject({ auditRounds: 0, status: 'active' });
    expect(world.entries(AUDITOR).at(-1)).toMatchObject({ type: 'released' });
  });

  it('A137 judge-cut: whose judge was cut off, whoever did that, is no audit yet: the project is not done, and the round comes again', async () => {
    const answers = [CUT, verdict(true)];
    const world = await audited({ answer: () => answers.shift() ?? '' });
    expect(await processor(closing, world.context)).toEqual({
      outcome: 'interrupted',
      detail: 'the audit was cut',
    });
    const open = await world.project();
    expect([open.auditRounds, open.lastAudit, world.jobs]).toEqual([0, undefined, []]);
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit passed' });
  });

  it('whose reviewer was cut off is no audit yet, however well each task was judged', async () => {
    const answers = [verdict(true), ...Array.from({ length: 5 }, () => CUT)];
    const world = await audited({
      config: { audits: { review: true } },
      answer: () => answers.shift() ?? '{"findings":[]}',
    });
    expect(await processor(closing, world.context)).toMatchObject({ outcome: 'interrupted' });
    expect(await world.project()).toMatchObject({ auditRounds: 0 });
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit passed' });
  });

  it('A157 audit-ended: that its project was ended in the midst of comes again when that is tried again, as the next round of the journal', async () => {
    const until = new Date(NOW.getTime() + 60_000);
    let busy = true;
    const wait = { kind: 'wait', for: 'rate', until, detail: 'slow' } as const;
    const look: [string, object][] = [['run_criterion', { name: 'form' }]];
    const world = await audited({
      answer: ({ request }) => {
        if (!busy) return verdict(true);
        return request.messages.length > 1 ? wait : look;
      },
    });
    const { services } = world.context;
    for (const ended of [1, 2]) {
      expect(await processor(closing, world.context)).toMatchObject({ outcome: 'parked' });
      await lastBooks(services, await world.project());
      expect(world.entries(AUDITOR).at(-1)).toMatchObject({ step: ended, outcome: 'interrupted' });
    }
    busy = false;
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit passed' });
    expect(await world.project()).toMatchObject({ auditRounds: 3, lastAudit: { round: 3 } });
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'round 1 is taken' });
  });

  it('A158 words-of-a-commit: takes up no words about another commit than the one that it judges', async () => {
    const until = new Date(NOW.getTime() + 60_000);
    const wait = { kind: 'wait', for: 'rate', until, detail: 'slow' } as const;
    const [first, other] = [sampleTask(), sampleTask({ id: PROJECT_ID, title: 'B' })];
    let at = HEAD;
    const git = { resolveCommit: async () => at };
    const answers = [verdict(true), wait, verdict(false), verdict(true)];
    const world = createWorld({ git, answer: () => answers.shift() ?? '' });
    const tasks = [first, other].map((each) => ({ ...each, status: 'completed' as const }));
    await world.state.tasks(PROJECT_ID).update((list) => ({ ...list, tasks }));
    const periodic = { ...closing, kind: 'periodic' } as const;
    expect(await processor(periodic, world.context)).toMatchObject({ outcome: 'parked' });
    at = 'e'.repeat(40);
    expect(await processor(periodic, world.context)).toMatchObject({ detail: 'periodic audit found 1 open' });
    const about = world.asked.map(({ taskId }) => taskId);
    expect(about).toEqual([first.id, other.id, first.id, other.id]);
  });

  it('A158 words-of-a-commit: has every reviewer look again that had looked at another commit', async () => {
    let at = HEAD;
    const finders = Array.from({ length: 4 }, () => '{"findings":[]}');
    const answers = [...finders, CUT, ...finders, ...finders];
    const world = await audited({
      git: { resolveCommit: async () => at },
      config: { audits: { review: true } },
      answer: ({ taskId }) => (taskId === undefined ? (answers.shift() ?? '') : verdict(true)),
    });
    expect(await processor(closing, world.context)).toMatchObject({ outcome: 'interrupted' });
    at = 'e'.repeat(40);
    world.gates.push(gate(at));
    expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit passed' });
    expect(world.asked.filter(({ taskId }) => taskId === undefined)).toHaveLength(10);
  });

  it('A159 one-name: takes no green run of one command for another that has, or had, its name', async () => {
    const red = { ...CRITERION, command: 'npm test -- a' };
    const green = { ...CRITERION, command: 'npm test -- b' };
    const run = { kind: 'criterion', name: 'form', commit: HEAD, at: NOW } as const;
    const evidence: Evidence[] = [
      { ...run, command: red.command, exitCode: 1, passed: false },
      { ...run, command: green.command, exitCode: 0, passed: true },
    ];
    const command: WorldOptions['command'] = (asked) => (asked.command === red.command ? 1 : 0);
    for (const criteria of [[red, green], [red]]) {
      const task = { criteria, evidence, status: 'completed' } as const;
      const world = await audited({ command, answer: () => verdict(true) }, task);
      expect(await processor(closing, world.context)).toMatchObject({ detail: 'closing audit found 1 open' });
      expect(world.asked).toEqual([]);
    }
  });

  it.each(['owner', 'agent'] as const)(
    'judges the whole assignment where the %s has skipped every task, that one too',
    async (skippedBy) => {
      const world = await audited({ answer: () => verdict(false) }, { status: 'skipped', skippedBy });
      for (const round of [1, 2]) {
        expect(await processor({ ...closing, round }, world.context)).toMatchObject({
          detail: 'closing audit found 1 open',
        });
        const tasks = await world.tasks();
        expect(tasks).toMatchObject([{ status: 'skipped' }, { status: 'in_progress' }]);
        await world.state.tasks(PROJECT_ID).update((list) => ({
          ...list,
          tasks: tasks.map((task) => ({ ...task, status: 'skipped', skippedBy })),
        }));
        await world.state
          .agent(PROJECT_ID, 'engineer')
          .update((agent) => ({ ...agent, status: 'completed' }));
      }
    },
  );

  it.each([true, false])(
    'that closes judges the assignment as well when its owner skips the last task while that is judged: %s',
    async (passes) => {
      const world = await audited({
        answer() {
          if (world.asked.length > 1) return verdict(passes);
          void world.state.tasks(PROJECT_ID).update((list) => ({
            ...list,
            tasks: list.tasks.map((task) => ({ ...task, status: 'skipped', skippedBy: 'owner' })),
          }));
          return verdict(true);
        },
      });
      const detail = passes ? 'closing audit passed' : 'closing audit found 1 open';
      expect(await processor(closing, world.context)).toMatchObject({ detail });
      expect(world.asked).toHaveLength(2);
    },
  );

  it('that closes is skipped while an agent is at work, and any is where the round is taken', async () => {
    const busy = createWorld();
    expect(await processor(closing, busy.context)).toMatchObject({ detail: 'an agent is still at work' });
    const world = await audited({ answer: () => verdict(true) });
    await processor(closing, world.context);
    expect(await processor(closing, world.context)).toEqual({
      outcome: 'skipped',
      detail: 'round 1 is taken',
    });
  });

  it('beside working agents sets nothing back that it cannot refute, and costs the project no time', async () => {
    const world = createWorld({ answer: () => verdict(true) });
    await world.state.tasks(PROJECT_ID).update((list) => ({ ...list, tasks: [sampleTask()] }));
    expect(await processor({ ...closing, kind: 'periodic' }, world.context)).toMatchObject({
      outcome: 'done',
    });
    expect(await world.tasks()).toMatchObject([{ status: 'in_progress' }]);
    expect(await world.project()).toMatchObject({ activeMs: 0 });
    expect(await world.agent()).toMatchObject({ nextStep: 1 });
  });
});
