import { describe, expect, test } from 'vitest';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import type { Look } from '../../../src/producers/cli/live/follow.ts';
import { createProgress } from '../../../src/producers/cli/live/progress.ts';
import { createChannel } from '../../../src/producers/cli/render/output.ts';
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
    project: makeProject({ status: 'active', baselineGate: 'g' }),
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

  test('without a terminal a line is written for news and now and then, not for each look', () => {
    const { channel, text } = screen(false);
    let now = 0;
    const progress = createProgress(channel, () => new Date(now));
    const at = (ms: number, nextStep: number, taskTitle: string) => {
      now = ms;
      progress.show(look({ agentChange: { nextStep }, taskTitle }));
    };
    at(1_000, 1, 'One');
    at(2_000, 2, 'One');
    at(3_000, 3, 'Two');
    at(7_000, 4, 'Two');
    at(9_000, 5, 'Two');
    at(9_200, 5, 'Two');
    at(70_000, 5, 'Two');
    const lines = text().trimEnd().split('\n');
    expect(lines.map((line) => /(\S+) {2}engineer · (step \d)/.exec(line)?.slice(1))).toEqual([
      ['1.0s', 'step 1'],
      ['3.0s', 'step 3'],
      ['9.0s', 'step 5'],
      ['10s', 'step 5'],
    ]);
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
      event({ type: 'step.replied', message: 'chatter' }),
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
