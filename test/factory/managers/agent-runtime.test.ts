import { describe, expect, it } from 'vitest';
import { unheard } from '../../../src/factory/talk/notes.ts';
import { openManagers } from './managers.ts';

const AT_WORK = { status: 'active', started: true, prepared: true, baselineGate: 'baseline' } as const;
const ME = { host: 'here', pid: 1, startedAt: 'now' };

describe('an agent that is executed', () => {
  it('is prepared first, and then takes one step', async () => {
    const { state, agents, project, jobs, does } = await openManagers({ started: true });
    does(async ({ queue, payload }) => {
      if (queue === 'projects')
        await state.project(project.id).update((each) => ({ ...each, status: 'active', prepared: true }));
      if (queue === 'quality-gates')
        await state.project(project.id).update((each) => ({ ...each, baselineGate: 'baseline' }));
      return { outcome: 'done', detail: JSON.stringify(payload) };
    });
    const result = await agents.executeAgent(`${project.id}/engineer`);
    expect(jobs.map(({ queue }) => queue)).toEqual(['projects', 'quality-gates', 'agent-steps']);
    expect(JSON.parse(result.detail)).toEqual({ projectId: project.id, persona: 'engineer', step: 1 });
  });

  it('stops where it cannot be prepared, and does not prepare for ever', async () => {
    const { agents, project, jobs, does } = await openManagers({ started: true });
    const until = new Date();
    does(async () => ({ outcome: 'parked', until, detail: 'the disk is full' }));
    expect(await agents.executeAgent(`${project.id}/engineer`)).toMatchObject({ outcome: 'parked', until });
    does(async () => ({ outcome: 'done', detail: 'its parent is not whole yet' }));
    expect((await agents.executeAgent(`${project.id}/engineer`)).detail).toContain('not whole');
    expect(jobs).toHaveLength(3);
  });

  it.each<[string, object, string, string]>([
    ['was not started', {}, 'engineer', 'not_its_turn'],
    ['is paused', { ...AT_WORK, status: 'paused' }, 'engineer', 'not_its_turn'],
    ['has ended', { ...AT_WORK, status: 'failed', settled: true }, 'engineer', 'not_its_turn'],
    ['has no such persona', AT_WORK, 'nobody', 'persona_not_found'],
    ['has another name for it', AT_WORK, 'a/b', 'agent_id_invalid'],
  ])('is refused where its project %s', async (_what, more, persona, code) => {
    const { agents, project, jobs } = await openManagers(more);
    await expect(agents.executeAgent(`${project.id}/${persona}`)).rejects.toMatchObject({ code });
    expect(jobs).toEqual([]);
  });
});

describe('a message to an agent', () => {
  it('is due until it stands in the journal, and goes with the next one', async () => {
    const { state, agents, project } = await openManagers(AT_WORK);
    const id = `${project.id}/engineer`;
    const due = async () => unheard(state, project, 'engineer');
    const first = await agents.sendMessage(id, ' Mind the sign. ');
    expect(await due()).toEqual([{ key: `message-${first}`, text: 'The owner says: Mind the sign.' }]);
    const writer = await state.journal(project.id, 'engineer').lease(1, ME);
    await writer?.append({ type: 'note', key: `message-${first}`, text: 'The owner says: Mind the sign.' });
    const second = await agents.sendMessage(id, 'And the test.');
    expect((await due()).map(({ key }) => key)).toEqual([`message-${second}`]);
  });

  it('is refused when it is empty, too long, one of too many, or nobody would read it', async () => {
    const { state, agents, project } = await openManagers(AT_WORK);
    const id = `${project.id}/engineer`;
    for (const bad of [' \n', 'x'.repeat(20_001)])
      await expect(agents.sendMessage(id, bad)).rejects.toMatchObject({ code: 'message_invalid' });
    for (let sent = 0; sent < 100; sent += 1) await agents.sendMessage(id, `message ${sent}`);
    await expect(agents.sendMessage(id, 'one more')).rejects.toMatchObject({ code: 'too_many_messages' });
    await state.project(project.id).update((each) => ({ ...each, status: 'completed' }));
    await expect(agents.sendMessage(id, 'too late')).rejects.toMatchObject({ code: 'project_ended' });
  });
});

describe('the state of an agent', () => {
  it('is loaded with its conversation, and brought up to its journal', async () => {
    const { state, agents, project } = await openManagers(AT_WORK);
    const id = `${project.id}/engineer`;
    const writer = await state.journal(project.id, 'engineer').lease(1, ME);
    const usage = { input: 10, cacheWrite: 0, cacheRead: 5, output: 3 };
    await writer?.append(
      { type: 'note', key: 'opening', text: 'Fix it.' },
      { type: 'request', requestId: 'r', provider: 'a', model: 'm', operation: 'chat', reserved: 1 },
      {
        ...{
          type: 'reply',
          requestId: 'r',
          provider: 'a',
          model: 'm',
          usage,
          cost: 0.25,
          stop: 'tool_calls',
        },
        message: {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'I look.' },
            { type: 'tool_call', id: 'c', name: 'read_file', arguments: '{"path":"a"}' },
          ],
        },
      },
      { type: 'tool_result', callId: 'c', name: 'read_file', output: 'a - b', isError: false },
      { type: 'step_done', outcome: 'continue' },
    );
    expect((await agents.loadAgentState(id)).nextStep).toBe(1);
    expect(await agents.saveAgentState(id)).toMatchObject({ nextStep: 2, status: 'thinking', epoch: 1 });
    const { conversationHistory } = await agents.loadAgentState(id);
    expect(conversationHistory.map(({ timestamp: _at, ...said }) => said)).toEqual([
      { role: 'user', content: 'Fix it.', tokens: 0, cost: 0 },
      {
        ...{ role: 'assistant', content: 'I look.', tokens: 18, cost: 0.25 },
        calls: [{ name: 'read_file', arguments: '{"path":"a"}' }],
      },
      { role: 'tool', content: 'a - b', tokens: 0, cost: 0 },
    ]);
  });

  it('takes from a caller which task is at hand, of the version that was loaded, and nothing else', async () => {
    const { projects, agents, project } = await openManagers(AT_WORK);
    const id = `${project.id}/engineer`;
    const loaded = await agents.loadAgentState(id);
    const { id: currentTask } = await projects.addTask(project.id, { title: 'A' });
    const forged = [
      { status: 'completed' as const },
      { runtimeMs: 0.5 },
      { nextStep: 9 },
      { pendingDecisions: [] as never[], gateRound: 3 },
    ];
    for (const each of forged)
      await expect(agents.saveAgentState(id, { ...loaded, ...each })).rejects.toMatchObject({
        code: 'agent_state_decided',
      });
    await expect(agents.saveAgentState(id, { ...loaded, currentTask: 'none' })).rejects.toMatchObject({
      code: 'agent_state_decided',
    });
    const saved = await agents.saveAgentState(id, { ...loaded, currentTask });
    expect(saved).toMatchObject({ currentTask, status: 'idle' });
    await expect(agents.saveAgentState(id, loaded)).rejects.toMatchObject({ code: 'agent_state_changed' });
    const { currentTask: _none, ...without } = saved;
    expect(await agents.saveAgentState(id, without)).not.toHaveProperty('currentTask');
  });
});

it('answers the report of a gate that was run here, or why there is none', async () => {
  const { state, agents, project, does } = await openManagers(AT_WORK);
  does(async () => ({ outcome: 'interrupted', detail: 'the worker is going down' }));
  await expect(agents.validateQualityGates(`${project.id}/engineer`)).rejects.toMatchObject({
    code: 'not_run',
  });
  does(async ({ payload }) => {
    const { sampleReport } = await import('../../state/samples.ts');
    const id = 'reportId' in payload ? payload.reportId : '';
    await state.gates(project.id).save(sampleReport(project.id, id, new Date()));
    return { outcome: 'done', detail: 'passed' };
  });
  expect(await agents.validateQualityGates(`${project.id}/engineer`)).toMatchObject({ passed: true });
});
