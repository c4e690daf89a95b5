import { describe, expect, test } from 'vitest';
import type { AgentState } from '../../../src/factory/model/agent.ts';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import type { Look } from '../../../src/producers/cli/live/follow.ts';
import { createProgress } from '../../../src/producers/cli/live/progress.ts';
import type { WorkLook } from '../../../src/producers/cli/live/work-look.ts';
import { createChannel } from '../../../src/producers/cli/render/output.ts';
import { makeAgent, makeProject } from './fixtures.ts';

function screen(isTTY: boolean, columns = 200) {
  let text = '';
  const channel = createChannel(
    {
      isTTY,
      columns,
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
    tasks: { settled: 1, total: 4 },
    diff: null,
    branches: [],
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
    expect(text()).toBe('   12.3s  engineer · step 3 · thinking · $0.5000 · task 2 of 4 “Count pieces”');
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

  test('words that are kept encrypted leave what kind of thing happened, and what is waited for has its name', () => {
    const { channel, text } = screen(false);
    const events = [event({ message: 'What was said is kept encrypted (privacy.encrypt).' })];
    const waiting = { for: 'rate' as const, detail: 'full', since: new Date(0) };
    const project = makeProject({ status: 'waiting_for_credits', waiting });
    createProgress(channel, () => new Date(0)).show(look({ project, events }));
    expect(text()).toMatch(/ {2}task completed\n.* · waiting for rate · /);
  });

  test('a project that stands still says so instead of what the agent did last', () => {
    const { channel, text } = screen(true);
    const project = makeProject({ status: 'waiting_for_credits' });
    createProgress(channel, () => new Date(0)).show(look({ project }));
    expect(text()).toContain('waiting for credits');
  });

  const AT_WORK = {
    project: makeProject({
      status: 'active',
      baselineGate: 'g',
      settings: { ...makeProject().settings, budget: 5 },
    }),
    taskTitle: 'Refuse a login with a wrong password, and tell nobody which of the two was wrong',
    model: 'gpt-5.1-codex-max',
    atHand: 'bash npm test -- --test-name-pattern="refuses a wrong password" test/login.test.js',
    diff: { commits: 2, files: 3, insertions: 1_204, deletions: 17 },
  };

  test('on a narrow terminal nothing is wider than it, no part is broken, and the command alone is cut', () => {
    const { channel, text } = screen(true, 60);
    createProgress(channel, () => new Date(0)).show(look(AT_WORK));
    expect(text().split('\n')).toEqual([
      '     0ms  engineer · step 3 · thinking · $0.5000 of $5.00',
      '          task 2 of 4 “Refuse a login with a wrong passwor…”',
      '          +1,204 -17 · gpt-5.1-codex-max',
      '          › bash npm test -- --test-name-pattern="refuses …',
    ]);
  });

  test('where there is no terminal all of it is one line', () => {
    const { channel, text } = screen(false);
    createProgress(channel, () => new Date(0)).show(look(AT_WORK));
    expect(text()).toMatch(
      /^ +0ms {2}engineer · step 3 · thinking · \$0\.5000 of \$5\.00 · task 2 of 4 “.*” · \+1,204 -17 · gpt-5\.1-codex-max · bash npm test .*\n$/,
    );
  });

  test('each branch of a decision has its own line', () => {
    const branch = (option: string, cost: number): WorkLook => {
      const context = { question: 'Which?', option, confidence: 0.5, createdAt: new Date(0) };
      const { branches: _branches, events: _events, ...rest } = look({ cost });
      return { ...rest, project: { ...rest.project, id: option, decisionContext: context } };
    };
    const project = makeProject({ status: 'paused' });
    const forked = look({ project, branches: [branch('a map', 0.1), branch('a list', 0.2)] });
    const plain = screen(false);
    createProgress(plain.channel, () => new Date(0)).show(forked);
    expect(
      plain.text().match(/branch “a (map|list)” · engineer · step 3 · thinking · \$0\.\d/g),
    ).toHaveLength(2);
    const terminal = screen(true, 60);
    createProgress(terminal.channel, () => new Date(0)).show(forked);
    expect(terminal.text()).toContain('“a map”  active');
    expect(
      terminal
        .text()
        .split('\n')
        .every((line) => line.length < 60),
    ).toBe(true);
  });

  test('what is proved is green, what failed is red, but not what failed before the work began', () => {
    const terminal = screen(true);
    const coloured = createChannel(
      { isTTY: true, columns: 200, write: (more: string) => lines.push(more) },
      {},
    );
    const lines: string[] = [];
    const events = [
      event({ message: 'proved' }),
      event({ type: 'gate.failed', level: 'warn', message: 'red' }),
      event({ type: 'gate.failed', level: 'info', message: 'expected', data: { kind: 'baseline' } }),
    ];
    createProgress(coloured, () => new Date(0)).show(look({ events }));
    const text = lines.join('');
    expect(text).toContain('\u001b[32mproved\u001b[0m');
    expect(text).toContain('\u001b[31mred\u001b[0m');
    expect(text).toMatch(/ {2}expected\n/);
    createProgress(terminal.channel, () => new Date(0)).show(look({ events }));
    expect(terminal.text()).not.toContain('\u001b[3');
  });
});
