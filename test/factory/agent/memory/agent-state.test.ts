import { describe, expect, it } from 'vitest';
import { atRest, saveStep, stateAfter } from '../../../../src/factory/agent/memory/agent-state.ts';
import type { JournalEntry } from '../../../../src/factory/model/journal.ts';
import { createMemoryState } from '../../../support/memory-state.ts';
import { NOW, PROJECT_ID, sampleAgent, sampleProject } from '../../../support/samples.ts';

const agent = sampleAgent({ nextStep: 4, epoch: 3, status: 'executing', blockedReason: 'before' });
const done = (outcome: string, more: object = {}) =>
  ({ type: 'step_done', at: NOW.toISOString(), epoch: 5, step: 4, outcome, ...more }) as JournalEntry;
const gate = (key: string) =>
  ({ type: 'note', at: NOW.toISOString(), epoch: 5, step: 4, key, text: '' }) as JournalEntry;

describe('the state of an agent after a step', () => {
  it.each([
    ['continue', 'thinking'],
    ['interrupted', 'thinking'],
    ['finish', 'waiting_for_quality'],
    ['passed', 'completed'],
    ['blocked', 'blocked'],
    ['fork', 'blocked'],
  ])('that ended as %s is %s', (outcome, status) => {
    expect(stateAfter(agent, [done(outcome)])).toMatchObject({ status, nextStep: 5, epoch: 5 });
  });

  it('has the reason of a block alone', () => {
    expect(stateAfter(agent, [done('blocked', { reason: 'why' })])).toHaveProperty('blockedReason', 'why');
    expect(stateAfter(agent, [done('continue')])).not.toHaveProperty('blockedReason');
    expect(stateAfter(agent, [done('fork')])).not.toHaveProperty('blockedReason');
  });

  it('counts the gates that its journal tells of', () => {
    const entries = [gate('gate-a'), gate('opening'), gate('gate-b'), done('continue')];
    expect(stateAfter(agent, entries)).toHaveProperty('gateRound', 2);
  });

  it('counts its red gates since the last green one, from the round on that counts', () => {
    const ends = (...gates: ('failed' | 'passed')[]) =>
      gates.flatMap((each) => [gate('gate-x'), done('continue', { gate: each })]);
    const redOf = (entries: JournalEntry[], over = {}) => stateAfter({ ...agent, ...over }, entries).redGates;
    expect(redOf(ends('failed'))).toBe(1);
    expect(redOf([...ends('failed', 'failed'), done('continue')])).toBe(2);
    expect(redOf(ends('failed', 'passed', 'failed'))).toBe(1);
    expect(redOf(ends('failed', 'passed'), { redGates: 1 })).toBeUndefined();
    expect(redOf(ends('failed', 'failed', 'failed'), { redGatesAfter: 2 })).toBe(1);
    // An older program did not note how gates ended.
    expect(redOf([gate('gate-a'), done('continue')])).toBeUndefined();
  });

  it('is the same object when it knows of the step already, or none has ended', () => {
    expect(stateAfter({ ...agent, nextStep: 5 }, [done('finish')]).status).toBe('executing');
    expect(stateAfter(agent, [])).toBe(agent);
  });

  it('is saved with the time that the step took', async () => {
    const { store } = createMemoryState([sampleProject()], [sampleAgent({ nextStep: 1, epoch: 0 })]);
    const writer = await store
      .journal(PROJECT_ID, 'engineer')
      .lease(1, { host: 'h', pid: 1, startedAt: '1' });
    await writer?.append({ type: 'step_done', outcome: 'finish' });
    await saveStep({ state: store, now: () => NOW }, { projectId: PROJECT_ID, persona: 'engineer' }, 40);
    expect(await store.agent(PROJECT_ID, 'engineer').get()).toMatchObject({
      ...{ status: 'waiting_for_quality', nextStep: 2, runtimeMs: 40, startedAt: NOW, lastActivityAt: NOW },
    });
  });
});

describe('an agent whose turn was cut', () => {
  it('executes nothing any more, and keeps the time', () => {
    expect(atRest(agent, 7)).toMatchObject({ status: 'thinking', runtimeMs: 7 });
    expect(atRest({ ...agent, status: 'blocked' }, 7)).toMatchObject({ status: 'blocked', runtimeMs: 7 });
  });

  it('is the same object when there is nothing to change', () => {
    const blocked = sampleAgent({ status: 'blocked' });
    expect(atRest(blocked, 0)).toBe(blocked);
  });
});
