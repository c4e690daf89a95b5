import { expect, it } from 'vitest';
import { eventTypes } from '../support/events.ts';
import { call, calls, scenario, sequence, taskIds } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const TASK = {
  title: 'Sleep',
  description: 'Its criterion takes long.',
  criteria: [{ name: 'sleeps', command: 'sleep 60' }],
};

it('A02 worker-kill-twice: a step gets a third chance; then its project is paused, says which step and call cost three workers, and df resume tries again', async () => {
  const s = await scenario({
    script: sequence([
      // Of work that was never committed nothing would be proved, and its criterion not run.
      calls(
        ['add_tasks', { tasks: [TASK] }],
        ['write_file', { path: 'slept.txt', content: 'soundly\n' }],
        ['commit', { message: 'Sleep' }],
      ),
      (turn) => call('update_task', { id: taskIds(turn)[0] ?? '', status: 'completed' }),
      call('finish', { summary: 'Slept.' }),
    ]),
  });
  const project = await s.init('poison');
  expect((await s.df('start', project.id)).code).toBe(0);
  for (let kill = 1; kill <= 3; kill += 1) {
    const worker = await s.worker();
    let seen: string[] = [];
    await until(
      async () => {
        const entries = await s.journal(project.id);
        const leased = entries.some(
          (entry) => entry.type === 'lease' && entry.step === 2 && entry.holder.pid === worker.pid,
        );
        const events = await eventTypes(s.home, project.id);
        const told = events.filter((type) => type === 'lease.taken_over');
        seen = [...entries.map(({ type, step, epoch }) => `${type} ${step} (${epoch})`), ...events];
        const began = entries.some(({ type, step }) => type === 'tool_started' && step === 2);
        return leased && began && told.length >= kill - 1;
      },
      60_000,
      () => `worker ${kill} at the step; seen: ${seen.join(', ')}\n${worker.stderr()}`,
    );
    worker.kill('SIGKILL');
    await worker.exited;
  }
  await s.worker();
  await s.reaches(project.id, 'paused');
  const status = await s.status(project.id);
  expect(status.project.statusReason).toMatch(
    /Step 2 ended 3 workers in a row and is not tried again\. Under way was the tool call update_task/,
  );
  const types = await eventTypes(s.home, project.id);
  expect(types).toContain('step.quarantined');
  // Each worker that was lost is told once, however often its step was taken up and put down again.
  expect(types.filter((type) => type === 'lease.taken_over')).toHaveLength(3);
  // Two turns; the call was not asked for again, and every request has its row.
  expect(s.model.ledger).toHaveLength(2);
  expect((await s.costs(project.id)).totalSpent).toBeCloseTo(s.model.billed(), 9);
  const leases = async () =>
    (await s.journal(project.id)).filter(({ type, step }) => type === 'lease' && step === 2).length;
  const before = await leases();
  expect((await s.df('resume', project.id)).code).toBe(0);
  await until(async () => (await leases()) > before, 60_000, 'the step is begun once more');
});

it('an end in order costs a step nothing: three workers that are stopped over it are not held against it', async () => {
  let asked = 0;
  const s = await scenario({
    script: () => {
      asked += 1;
      return { ...call('bash', { command: 'true' }), delayMs: asked <= 3 ? 60_000 : 0 };
    },
  });
  const project = await s.init('stopped');
  expect((await s.df('start', project.id)).code).toBe(0);
  for (let stop = 1; stop <= 3; stop += 1) {
    const worker = await s.worker();
    await until(() => asked >= stop, 60_000, `request ${stop}`);
    await worker.stop(30_000);
  }
  await s.worker();
  await until(
    async () => (await s.journal(project.id)).some(({ type, step }) => type === 'step_done' && step === 1),
    60_000,
    'the end of the step',
  );
  const types = await eventTypes(s.home, project.id);
  expect(types).not.toContain('step.quarantined');
  expect(types).not.toContain('lease.taken_over');
});
