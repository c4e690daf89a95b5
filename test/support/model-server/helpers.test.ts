import { describe, expect, test } from 'vitest';
import { createAccounts } from './accounts.ts';
import { createFaultPlan, type FaultRule } from './faults.ts';
import {
  byPrompt,
  call,
  calls,
  isProbe,
  results,
  type ScriptMessage,
  sequence,
  type Turn,
  taskIds,
} from './index.ts';

const turn = (conversation: ScriptMessage[], fields: Partial<Turn> = {}): Turn => ({
  format: 'openai',
  model: 'm',
  key: 'k',
  system: '',
  tools: [{ name: 'bash', description: '', parameters: {} }],
  conversation,
  lastUser: conversation.findLast((message) => message.role === 'user')?.text ?? '',
  lastToolResults: [],
  maxOutputTokens: Number.POSITIVE_INFINITY,
  assistantTurns: conversation.filter((message) => message.role === 'assistant').length,
  requestIndex: 0,
  conversationKey: 'c',
  ...fields,
});
const user = (text: string): ScriptMessage => ({ role: 'user', text, toolCalls: [] });
const assistant: ScriptMessage = { role: 'assistant', text: 'x', toolCalls: [] };
const tool = (name: string, text: string): ScriptMessage => ({
  role: 'tool',
  text,
  toolCalls: [],
  callId: 'i',
  name,
});

describe('a sequence', () => {
  const script = sequence([call('bash', { command: 'one' }), { text: 'two' }, () => ({ text: 'three' })]);

  test('gives each turn its step and repeats the last one', () => {
    expect(script(turn([user('go')]))).toEqual(call('bash', { command: 'one' }));
    expect(script(turn([user('go'), assistant]))).toEqual({ text: 'two' });
    expect(script(turn([user('go'), assistant, assistant]))).toEqual({ text: 'three' });
    expect(script(turn([user('go'), assistant, assistant, assistant]))).toEqual({ text: 'three' });
  });

  test('answers audits, probes and requests for a summary beside its steps', () => {
    const audit = script(turn([user('You are auditing task completion status.\n\nTask: x')]));
    expect(audit).toMatchObject({ text: expect.stringContaining('"complete":true') });
    expect(script(turn([user('Reply with: ok')], { tools: [] }))).toEqual({ text: 'ok' });
    const long = [
      user('go'),
      assistant,
      user('Your conversation is about to be replaced by a summary, to make room.'),
    ];
    expect(script(turn(long))).toMatchObject({ text: expect.stringContaining('Summary') });
    expect(script(turn([user('# Summary of the conversation so far\nok')]))).toEqual(
      call('bash', { command: 'one' }),
    );
  });

  test('of no steps answers that there is nothing to do', () =>
    expect(sequence([])(turn([user('go')]))).toEqual({ text: 'Nothing to do.' }));
});

test('a work prompt is no probe', () => {
  expect(isProbe(turn([user('ok, fix it')]))).toBe(false);
  expect(isProbe(turn([user('Reply with: ok')], { tools: [] }))).toBe(true);
});

test('scripts are chosen by words of the prompt', () => {
  const script = byPrompt([
    { match: 'alpha', script: () => ({ text: 'A' }) },
    { match: /be+ta/g, script: () => ({ text: 'B' }) },
  ]);
  expect(script(turn([user('project alpha')]))).toEqual({ text: 'A' });
  for (const _again of [1, 2]) expect(script(turn([user('go')], { system: 'beeta' }))).toEqual({ text: 'B' });
  expect(script(turn([user('gamma')]))).toMatchObject({ text: expect.stringContaining('No script') });
});

test('task ids come from what add_tasks answered, each once', () => {
  const one = '5e1f0a4e-7d0c-4b3e-9d4a-0a1b2c3d4e5f';
  const two = '6e1f0a4e-7d0c-4b3e-9d4a-0a1b2c3d4e5f';
  const conversation = [
    tool('bash', two),
    tool('add_tasks', `${one} and ${two}, ${one}`),
    tool('update_task', one),
  ];
  expect(taskIds(turn(conversation))).toEqual([one, two]);
  expect(results(turn(conversation), 'bash')).toMatchObject([{ output: two }]);
  expect(calls(['a', {}], ['b', '{']).toolCalls).toHaveLength(2);
});

describe('fault rules', () => {
  const fault = { fault: 'server_error' } as const;
  const played = (rule: Omit<FaultRule, 'fault'>, count: number, gapMs = 1_000) => {
    const plan = createFaultPlan([{ ...rule, fault }], 0);
    return Array.from({ length: count }, (_, index) =>
      plan.next({
        index,
        at: index * gapMs,
        key: index % 2 === 0 ? 'even' : 'odd',
        model: 'm',
        format: 'openai',
      })
        ? 'x'
        : '.',
    ).join('');
  };

  test.each<[Omit<FaultRule, 'fault'>, string]>([
    [{}, 'xxxxxx'],
    [{ requests: [1, 3] }, '.x.x..'],
    [{ requests: { from: 2 } }, '..xxxx'],
    [{ requests: { to: 1 } }, 'xx....'],
    [{ requests: { from: 1, every: 2 } }, '.x.x.x'],
    [{ fromMs: 1_000, untilMs: 3_000 }, '.xx...'],
    [{ key: 'odd' }, '.x.x.x'],
    [{ times: 2 }, 'xx....'],
    [{ model: 'other' }, '......'],
  ])('with %o strike of six requests: %s', (rule, expected) => expect(played(rule, 6)).toBe(expected));

  test('count again when they are replaced', () => {
    const plan = createFaultPlan([], 0);
    plan.set([{ fault, requests: [0] }], 5_000, 7);
    expect(plan.next({ index: 7, at: 5_001, key: 'k', model: 'm', format: 'openai' })).toEqual(fault);
    expect(plan.next({ index: 8, at: 5_002, key: 'k', model: 'm', format: 'openai' })).toBeUndefined();
  });
});

test('a key has room again when its oldest request is a minute old', () => {
  const accounts = createAccounts({ requestsPerMinute: 2 });
  expect(accounts.secondsUntilRoom('k', 0)).toBe(0);
  expect(accounts.secondsUntilRoom('k', 30_000)).toBe(0);
  expect(accounts.secondsUntilRoom('k', 40_000)).toBe(20);
  expect(accounts.secondsUntilRoom('other', 40_000)).toBe(0);
  expect(accounts.secondsUntilRoom('k', 60_000)).toBe(0);
});
