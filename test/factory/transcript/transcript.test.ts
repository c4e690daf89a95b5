import { describe, expect, test } from 'vitest';
import { AUDITOR } from '../../../src/factory/model/agents.ts';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import type { JournalEntry, JournalRecord } from '../../../src/factory/model/journal.ts';
import type { Project } from '../../../src/factory/model/project.ts';
import type { HistoryCommit, StateStore } from '../../../src/factory/ports.ts';
import { withArguments } from '../../../src/factory/transcript/arguments.ts';
import { readTranscript, type TranscriptWindow } from '../../../src/factory/transcript/transcript.ts';
import { makeProject } from '../../producers/cli/fixtures.ts';

const USAGE = { input: 10, cacheWrite: 0, cacheRead: 0, output: 5 };
const lease: JournalRecord = { type: 'lease', holder: { host: 'h', pid: 1, startedAt: '1' } };
const done: JournalRecord = { type: 'step_done', outcome: 'continue' };

function request(requestId: string, operation: 'chat' | 'compaction' = 'chat'): JournalRecord {
  return { type: 'request', requestId, provider: 'p', model: 'm', operation, reserved: 1 };
}

function reply(
  requestId: string,
  text: string,
  ...calls: [id: string, name: string, given: string][]
): JournalRecord {
  const parts = calls.map(([id, name, given]) => ({
    type: 'tool_call' as const,
    id,
    name,
    arguments: given,
  }));
  return {
    ...{ type: 'reply', requestId, provider: 'p', model: 'm', usage: USAGE, cost: 0.5, stop: 'end' },
    message: { role: 'assistant', parts: [{ type: 'text', text }, ...parts] },
  };
}

function result(callId: string, output: string, isError = false): JournalRecord {
  return { type: 'tool_result', callId, name: 'bash', output, isError };
}

/** Each step a minute after the last. */
function step(number: number, ...records: JournalRecord[]): JournalEntry[] {
  const at = `2026-11-22T1${Math.floor(number / 60)}:${String(number % 60).padStart(2, '0')}:00.000Z`;
  return records.map((record) => ({ at, epoch: number, step: number, ...record }));
}

interface World {
  journals: Record<string, JournalEntry[]>;
  project?: Partial<Project>;
  commits?: HistoryCommit[];
}

function show({ journals, project = {}, commits = [] }: World, window?: TranscriptWindow) {
  const state = stateOf(journals, project);
  const git = { branchHead: async () => 'b'.repeat(40), history: async () => commits };
  return readTranscript({ state, git }, makeProject().id, window);
}

function stateOf(journals: Record<string, JournalEntry[]>, change: Partial<Project> = {}): StateStore {
  return {
    project: () => ({ get: async () => makeProject({ status: 'active', ...change }) }),
    journal: (_id: string, persona: string) => ({ entries: async () => journals[persona] ?? [] }),
  } as unknown as StateStore;
}

const LOOKED = step(
  1,
  lease,
  request('r1'),
  reply('r1', 'I look.', ['c1', 'bash', '{"command":"npm test"}'], ['c2', 'read_file', '{"path":"a.js"}']),
  { type: 'tool_started', callId: 'c1', name: 'bash' },
  result('c1', 'exit code: 1\nred', true),
  result('c2', 'text'),
  done,
);

describe('a step', () => {
  test('tells who said what at what cost, and what each call came to', async () => {
    const { steps } = await show({
      journals: { engineer: LOOKED },
      commits: [{ hash: 'c'.repeat(40), task: null, step: 'engineer/1/0', files: ['a.js'] }],
    });
    expect(steps).toEqual([
      {
        ...{
          step: 1,
          persona: 'engineer',
          provider: 'p',
          model: 'm',
          tokens: 15,
          cost: 0.5,
          text: 'I look.',
        },
        at: new Date('2026-11-22T10:01:00Z'),
        endedAt: new Date('2026-11-22T10:01:00Z'),
        calls: [
          {
            ...{ name: 'bash', arguments: { command: 'npm test' }, state: 'done', isError: true },
            ...{ output: 'exit code: 1\nred', startedAt: new Date('2026-11-22T10:01:00Z') },
          },
          { name: 'read_file', arguments: { path: 'a.js' }, state: 'done', isError: false, output: 'text' },
        ],
        messages: [],
        commits: [{ hash: 'c'.repeat(40), files: ['a.js'] }],
        outcome: 'continue',
      },
    ]);
  });

  test('that is being taken says which call runs and which waits', async () => {
    const open = LOOKED.filter(({ type }) => type !== 'tool_result' && type !== 'step_done');
    const { steps } = await show({ journals: { engineer: open } });
    expect(steps[0]).not.toHaveProperty('endedAt');
    expect(steps[0]?.calls.map(({ state }) => state)).toEqual(['running', 'waiting']);
  });

  test('has no words of summaries or of replies that were put aside, but what they cost', async () => {
    const { steps } = await show({
      journals: {
        engineer: step(
          1,
          ...[lease, request('s', 'compaction'), reply('s', 'summary')],
          ...[request('r1'), reply('r1', 'half', ['c1', 'bash', '{"comm'])],
          { type: 'set_aside', requestId: 'r1', more: 9 },
          ...[
            request('r2'),
            reply('r2', 'whole', ['c1', 'bash', '{"command":"ls"}']),
            result('c1', 'a'),
            done,
          ],
        ),
      },
    });
    expect(steps[0]).toMatchObject({ text: 'whole', cost: 1.5, tokens: 45, calls: [{ output: 'a' }] });
    expect(steps[0]?.calls).toHaveLength(1);
  });

  test('holds no key, wherever it stands', async () => {
    const key = 'sk-abcdefghijklmnopqrstuvwx';
    const { steps } = await show({
      journals: {
        engineer: step(
          1,
          ...[lease, request('r1'), reply('r1', `use ${key}`, ['c1', 'bash', `{"command":"echo ${key}"}`])],
          ...[result('c1', key), done],
        ),
      },
    });
    expect(JSON.stringify(steps)).not.toContain(key);
  });

  test('tells what the owner said before it, and none of the words that the factory has for the model', async () => {
    const { steps } = await show({
      journals: {
        engineer: step(
          1,
          ...[lease, { type: 'note', key: 'message-1', text: 'The owner says: hurry' } as const],
          ...[{ type: 'note', key: 'still-open/0', text: 'Go on with a tool call.' } as const],
          ...[request('r1'), reply('r1', 'yes'), done],
        ),
      },
    });
    expect(steps[0]?.messages).toEqual(['The owner says: hurry']);
    expect(JSON.stringify(steps)).not.toContain('Go on with');
  });
});

describe('the steps of a project', () => {
  const many = Array.from({ length: 200 }, (_, index) =>
    step(index + 1, lease, request(`r${index}`), reply(`r${index}`, `word ${index + 1}`), done),
  ).flat();

  test('come in order of time, whoever took them; an audit is one of them', async () => {
    const heard = {
      judge: 'p',
      message: { role: 'tool', callId: 'j1', name: 'bash', output: 'seen', isError: false },
    };
    const { steps } = await show({
      journals: {
        engineer: [
          ...step(1, lease, request('a'), reply('a', 'one'), done),
          ...step(9, lease, request('b'), reply('b', 'two'), done),
        ],
        [AUDITOR]: step(
          5,
          ...[lease, request('c'), reply('c', 'judged', ['j1', 'bash', '{"command":"ls"}'])],
          ...[{ type: 'note', key: 'hearing/1/t/2', text: JSON.stringify(heard) } as const, done],
        ),
      },
    });
    expect(steps.map(({ text }) => text)).toEqual(['one', 'judged', 'two']);
    expect(steps[1]?.calls).toMatchObject([{ name: 'bash', output: 'seen', state: 'done' }]);
  });

  test('are shown through a window', async () => {
    const journals = { engineer: many };
    const words = async (window: TranscriptWindow) => {
      const { steps, earlier } = await show({ journals }, window);
      return [earlier, steps.length, steps[0]?.text];
    };
    expect(await words({})).toEqual([0, 200, 'word 1']);
    expect(await words({ last: 3 })).toEqual([197, 3, 'word 198']);
    expect(await words({ step: 7 })).toEqual([0, 1, 'word 7']);
    expect(await words({ step: 7, persona: 'other' })).toEqual([0, 0, undefined]);
    expect(await words({ from: { engineer: 199 } })).toEqual([0, 2, 'word 199']);
  });

  test('of a child are its own: those that it took over stand in its parent', async () => {
    const { steps } = await show({
      journals: { engineer: many },
      project: { createdAt: new Date('2026-11-22T13:18:30Z') },
    });
    expect(steps.map(({ text }) => text)).toEqual(['word 199', 'word 200']);
  });

  test('are there without a branch, and without any steps there are none', async () => {
    expect(await show({ journals: {} })).toEqual({ steps: [], earlier: 0 });
  });
});

test('an event of a call gets the arguments that the call was made with', async () => {
  const event: FactoryEvent = {
    ...{ timestamp: '2026-11-22T10:00:00.000Z', projectId: 'p', type: 'tool.ran', level: 'info' },
    ...{
      persona: 'engineer',
      step: 1,
      message: 'bash npm test (failed)',
      data: { callId: 'c1', isError: true },
    },
  };
  const other: FactoryEvent = { ...event, type: 'commit.made' };
  const unknown: FactoryEvent = { ...event, step: 2 };
  const events = await withArguments(stateOf({ engineer: LOOKED }), [event, other, unknown]);
  expect(events).toEqual([
    { ...event, data: { callId: 'c1', isError: true, arguments: { command: 'npm test' } } },
    other,
    unknown,
  ]);
});
