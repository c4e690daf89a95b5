import { describe, expect, test } from 'vitest';
import type { AgentState } from '../../src/factory/agent/agent.ts';
import type { FactoryEvent } from '../../src/factory/project/event.ts';
import type { Look } from '../../src/producers/cli/follow.ts';
import { createChannel } from '../../src/producers/cli/output.ts';
import { createProgress } from '../../src/producers/cli/progress.ts';
import { makeAgent, makeProject } from './fixtures.ts';

function screen(isTTY: boolean) {
  let text = '';
  const channel = createChannel(
    {
      isTTY,
      columns: 200,
      write: (more: string) => {
        text += more;
      },
    },
    { NO_COLOR: '1' },
  );
  return { channel, text: () => text };
}

function look(change: Partial<Look> & { agentChange?: Partial<AgentState> } = {}): Look {
  return {
    project: makeProject({ status: 'active' }),
    cost: 0.5,
    agent: makeAgent({ status: 'thinking', nextStep: 3, ...change.agentChange }),
    taskTitle: 'Count pieces',
    events: [],
    ...change,
  };
}

const event = (change: Partial<FactoryEvent>): FactoryEvent => ({
  timestamp: '2026-11-22T10:00:00.000Z',
  projectId: 'p',
  type: 'task.completed',
  level: 'info',
  message: 'said',
  ...change,
});

describe('progress', () => {
  test('the live line names elapsed time, persona, step, state, task and cost', () => {
    const { channel, text } = screen(true);
    let now = 0;
    const progress = createProgress(channel, () => new Date(now));
    now = 12_300;
    progress.show(look());
    expect(text()).toBe('   12.3s  engineer · step 3 · thinking · “Count pieces” · $0.5000');
    progress.end();
    expect(text().endsWith('\r\u001b[2K')).toBe(true);
  });

  test('without a terminal a line is written when something changes, not for each look', () => {
    const { channel, text } = screen(false);
    let now = 0;
    const progress = createProgress(channel, () => new Date(now));
    for (const nextStep of [1, 2, 3]) {
      now += 5_000;
      progress.show(look({ agentChange: { nextStep } }));
    }
    progress.show(look({ taskTitle: 'Another' }));
    now += 61_000;
    progress.show(look({ taskTitle: 'Another' }));
    expect(
      text()
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(' ')[0]),
    ).toEqual(['5.0s', '15.0s', '1m']);
  });

  test('every step is a line when asked for', () => {
    const { channel, text } = screen(false);
    const progress = createProgress(channel, () => new Date(0), true);
    for (const nextStep of [1, 2, 2, 3]) progress.show(look({ agentChange: { nextStep } }));
    expect(text().match(/step \d/g)).toEqual(['step 1', 'step 2', 'step 3']);
  });

  test('events are lines, chatter is not unless it warns', () => {
    const { channel, text } = screen(false);
    const events = [
      event({ message: 'task done' }),
      event({ type: 'step.done', message: 'chatter' }),
      event({ type: 'tool.ran', level: 'warn', message: 'tool trouble' }),
      event({ level: 'debug', message: 'detail' }),
    ];
    createProgress(channel, () => new Date(0)).show(look({ events }));
    expect(text()).toContain('task done');
    expect(text()).toContain('tool trouble');
    expect(text()).not.toMatch(/chatter|detail/);
  });

  test('a project that stands still says so instead of what the agent did last', () => {
    const { channel, text } = screen(true);
    const project = makeProject({ status: 'waiting_for_credits' });
    createProgress(channel, () => new Date(0)).show(look({ project }));
    expect(text()).toContain('waiting for credits');
  });
});
