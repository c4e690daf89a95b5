import { expect, it } from 'vitest';
import { isProbe, sequence } from '../../support/model.ts';
import { MEND_SUM, scenario } from '../../support/scenario.ts';

/** A real call fails for ever, and costs; a probe, with the tools of the work, is answered. */
const usage = { prompt_tokens: 9_000, completion_tokens: 7 };
const nameless = {
  fault: 'http' as const,
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  body: [{ choices: [{ delta: { content: 'hel' } }] }, { choices: [], usage }, '[DONE]']
    .map((each) => `data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`)
    .join(''),
};

it('A90 endless-flap: what fails at every real call is tried a few times, paid for a few times, told once, and then waits for its owner', async () => {
  const s = await scenario({ script: (turn) => (isProbe(turn) ? { text: 'ok' } : nameless) });
  const { id } = await s.init('flaps');
  await s.worker();
  await s.df('start', id);
  const project = await s.reaches(id, 'paused');
  expect(project).toMatchObject({ waiting: { for: 'provider' } });
  expect(project.statusReason).toMatch(/Provider main fails at this conversation \(\d times, up to \$/);
  expect(project.statusReason).toContain('df resume');
  expect((await s.df('status', id)).stdout).toContain('fails at this conversation');
  expect((await s.df('export', id)).stdout).toContain('fails at this conversation');
  const real = s.model.requests.filter(({ body }) => !JSON.stringify(body).includes('Reply with'));
  expect(real.length).toBeLessThanOrEqual(8);
  const events = await s.events(id);
  const told = events.filter(({ type, level }) => type === 'project.waiting_for_credits' && level === 'warn');
  expect(told.length).toBeLessThanOrEqual(1);
  expect(events.filter(({ type }) => type === 'provider.failing').length).toBeLessThanOrEqual(1);
  const agents = (await s.status(id)).agents;
  expect(agents.reduce((sum, { runtimeMs }) => sum + runtimeMs, 0)).toBeGreaterThan(0);
  // Its owner has seen to it.
  s.model.setScript(sequence(MEND_SUM));
  expect((await s.df('resume', id)).code).toBe(0);
  await s.reaches(id, 'completed');
});
