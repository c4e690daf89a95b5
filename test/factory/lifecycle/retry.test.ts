import { describe, expect, it } from 'vitest';
import { dueNotes } from '../../../src/factory/audits/due-notes.ts';
import { config as configSchema } from '../../../src/factory/config/config.ts';
import { retryProject } from '../../../src/factory/lifecycle/retry.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import { messagesOf } from '../../../src/factory/talk/messages.ts';
import { unheard } from '../../../src/factory/talk/notes.ts';
import { openManagers } from '../managers/managers.ts';

const HOUR = 3_600_000;
const START = new Date('2026-03-01T20:00:00Z');
const END = new Date('2026-03-02T03:00:00Z');
const FAILED: Partial<Project> = {
  ...{
    status: 'failed',
    statusReason: 'Its gate failed 10 times.',
    started: true,
    prepared: true,
    settled: true,
  },
  ...{ startTime: START, endTime: END, maxRuntime: 12 * HOUR, activeMs: 2 * HOUR, failedAudits: 5 },
};

async function open(change: Partial<Project> = {}) {
  const managers = await openManagers({ ...FAILED, ...change });
  const { state, project } = managers;
  const deps = {
    state,
    config: configSchema.parse({}),
    now: () => new Date(),
    by: 'owner',
    newId: () => crypto.randomUUID(),
    record: async () => undefined,
  };
  const agent = () => state.agent(project.id, 'engineer');
  return { ...managers, agent, retry: (order = {}) => retryProject(deps, project.id, order) };
}

describe('another attempt', () => {
  it('keeps what was done, and says how the one before ended, of an older program too', async () => {
    const { retry, project, state } = await open();
    const next = await retry({ rounds: 3, message: 'Mind the sign.' });
    expect(next).toMatchObject({ status: 'initializing', prepared: false, settled: false, failedAudits: 0 });
    expect(next).not.toHaveProperty('endTime');
    expect(next.workBranch).toBe(project.workBranch);
    expect(next.settings.rounds).toBe(3);
    expect(next.attempts).toEqual([
      { startedAt: START, endedAt: END, status: 'failed', reason: 'Its gate failed 10 times.' },
      { startedAt: expect.any(Date), activeMs: 2 * HOUR },
    ]);
    const said = dueNotes(next, {});
    expect(said.map(({ key }) => key)).toEqual(['attempt-2']);
    expect((await unheard(state, next, 'engineer')).map(({ text }) => text)).toEqual([
      'The owner says: Mind the sign.',
    ]);
    expect(said[0]?.text).toContain('Its gate failed 10 times.');
  });

  it('lets an agent that was given up go on, with its rounds counted anew and its tasks open', async () => {
    const { retry, state, project, agent } = await open();
    await agent().update((each) => ({ ...each, status: 'blocked', blockedReason: 'Enough.', gateRound: 10 }));
    const task = { title: 'a', createdAt: START, priority: 3, dependencies: [], criteria: [], evidence: [] };
    const rest = {
      description: '',
      completionConfidence: 0,
      verificationNotes: [],
      status: 'blocked' as const,
    };
    const id = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`;
    await state.tasks(project.id).update((list) => ({
      ...list,
      tasks: [
        { ...task, ...rest, id: id(1), blockedBy: 'factory' },
        { ...task, ...rest, id: id(2), blockedBy: 'owner' },
      ],
    }));
    await retry();
    const after = await agent().get();
    expect(after).toMatchObject({ status: 'thinking', gateRound: 10, roundsBefore: 10 });
    expect(after).not.toHaveProperty('blockedReason');
    const { tasks } = await state.tasks(project.id).get();
    expect(tasks.map(({ status }) => status)).toEqual(['pending', 'blocked']);
  });

  it('wakes an agent that had done its work only where there is something to do or to hear', async () => {
    const done = async (change: Partial<Project>, order: object) => {
      const { retry, agent } = await open(change);
      await agent().update((each) => ({ ...each, status: 'completed' }));
      await retry(order);
      return (await agent().get()).status;
    };
    const audit = { kind: 'closing' as const, round: 5, at: END, commit: 'c', judge: 'j', findings: ['a'] };
    expect(await done({}, {})).toBe('completed');
    expect(await done({}, { message: 'And the docs.' })).toBe('thinking');
    expect(await done({ lastAudit: { ...audit, passed: false } }, {})).toBe('thinking');
    const { retry } = await open({ lastAudit: { ...audit, passed: true } });
    expect(await retry({ message: 'And the docs.' })).not.toHaveProperty('lastAudit');
  });

  it('gives as much time again where all was used up, and no less than was used', async () => {
    const { retry } = await open({ status: 'timeout', activeMs: 12 * HOUR + 5 });
    await expect(retry({ maxRuntime: 2 * HOUR })).rejects.toMatchObject({ code: 'max_runtime_used' });
    expect((await retry()).maxRuntime).toBe(24 * HOUR + 5);
    const later = await open({
      ...{ status: 'timeout', maxRuntime: 24 * HOUR, activeMs: 24 * HOUR },
      attempts: [{ startedAt: START, activeMs: 12 * HOUR }],
    });
    expect((await later.retry()).maxRuntime).toBe(36 * HOUR);
    expect((await (await open()).retry({ maxRuntime: 3 * HOUR })).maxRuntime).toBe(3 * HOUR);
  });

  it('is refused for one that is completed or at work, for a branch, and for a model that nobody has', async () => {
    for (const status of ['completed', 'active', 'paused'] as const)
      await expect((await open({ status })).retry()).rejects.toMatchObject({
        code: 'not_retryable',
        kind: 'usage',
      });
    const child = await open({ parentProjectId: crypto.randomUUID() });
    await expect(child.retry()).rejects.toMatchObject({ code: 'branch_of_decision' });
    const { retry, state, project } = await open();
    await expect(retry({ model: 'gpt-9' })).rejects.toMatchObject({ code: 'model_unknown' });
    await expect(retry({ message: ' ' })).rejects.toMatchObject({ code: 'message_invalid' });
    expect((await state.project(project.id).get()).status).toBe('failed');
  });

  it('is not said twice what a call that was cut short has put there', async () => {
    const { retry, state, project } = await open();
    await retry({ message: 'Mind the sign.' });
    await state.project(project.id).update((each) => ({ ...each, status: 'failed' }));
    await retry({ message: 'Mind the sign.' });
    expect(await messagesOf(state, project)).toHaveLength(1);
  });
});
