import { describe, expect, test } from 'vitest';
import { runTurn } from '../../../../src/factory/agent/turn/turn.ts';
import { createWorld, results, saying, told } from '../support.ts';

const bash = (command: string): [string, unknown] => ['bash', { command }];

describe('a reply that was cut off at the output limit', () => {
  test.each([
    ['with a call that is whole', { calls: [bash('ls')], stop: 'max_tokens' as const }],
    [
      'with half a call',
      { raw: [['bash', '{"command":"l']] as [string, string][], stop: 'max_tokens' as const },
    ],
    ['without a call', { text: 'I will now', stop: 'max_tokens' as const }],
  ])('is told the agent as cut off, %s', async (_what, said) => {
    const world = createWorld({ model: saying(said) });
    await world.turn();
    expect(told(world).join()).toContain('cut off at the output limit of 1000 tokens');
  });
});

describe('a reply whose model paused', () => {
  test('goes on at the next step with nothing said in between', async () => {
    const world = createWorld({
      model: saying({ text: 'I search', stop: 'paused' }, { calls: [bash('ls')] }),
    });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    await world.turn();
    expect(world.requests[1]?.messages.at(-1)).toMatchObject({ role: 'assistant', paused: {} });
    expect(world.commands).toEqual(['ls']);
  });

  test('for ever is stopped like any model that gets nowhere', async () => {
    const world = createWorld({ model: () => ({ text: 'I search', stop: 'paused' }) });
    for (let turn = 0; turn < 5; turn += 1) await world.turn();
    expect(told(world).join()).toContain('sees no progress');
  });
});

describe('a reply that filled all that its model can read', () => {
  test('has the older part replaced by a summary before the next request, and is not told to write less', async () => {
    const long = 'x'.repeat(9_000);
    const world = createWorld({
      model: saying(
        ...[1, 2, 3].map((at) => ({ text: `${at} ${long}`, calls: [bash(`echo ${at}`)] })),
        { text: 'and then', stop: 'context' },
        { calls: [bash('ls')] },
      ),
    });
    for (let turn = 0; turn < 5; turn += 1) await world.turn();
    const last = world.requests.at(-1)?.messages ?? [];
    expect(JSON.stringify(last).length).toBeLessThan(15_000);
    expect(JSON.stringify(last)).toContain('Summary of the conversation so far');
    expect(told(world).join()).toContain('fills all that you can read');
    expect(told(world).join()).not.toContain('Write less');
    expect(world.requests.map(({ operation }) => operation)).not.toContain('compaction');
  });
});

describe('what a model does wrong', () => {
  test.each([
    ['malformed JSON', { raw: [['bash', '{"command": "l']] }, 'not valid JSON'],
    ['wrong type', { calls: [['bash', { command: ['ls'] }]] }, 'command'],
    ['missing argument', { calls: [['write_file', { path: 'a' }]] }, 'content'],
    ['no object', { raw: [['bash', '"ls"']] }, 'do not fit'],
    ['unknown tool', { calls: [['read_files', { path: 'a' }]] }, 'Did you mean read_file?'],
    [
      'path out of the worktree',
      { calls: [['read_file', { path: '../../etc/passwd' }]] },
      'outside the worktree',
    ],
    ['file that is not there', { calls: [['read_file', { path: 'nope' }]] }, 'not there'],
  ] as const)('is a result that it sees: %s', async (_name, line, text) => {
    const world = createWorld({ model: saying(JSON.parse(JSON.stringify(line))) });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(results(world)[0]).toContain(text);
    expect(world.memory().conversation.at(-1)).toMatchObject({ role: 'tool', isError: true });
    expect(world.commands).toEqual([]);
  });

  test('arguments cut at the output limit are not run', async () => {
    const world = createWorld({
      model: saying({ raw: [['write_file', '{"path":"a","content":"half']], stop: 'max_tokens' }),
    });
    await world.turn();
    expect(world.files.size).toBe(0);
    expect(results(world)[0]).toContain('smaller pieces');
  });

  test('a reply without calls is answered by what is still open', async () => {
    const world = createWorld({ model: saying({ text: 'All done!' }) });
    expect(await world.turn()).toEqual({ kind: 'done', outcome: 'continue' });
    expect(told(world)[1]).toContain('called no tool');
    expect(told(world)[1]).toContain('Still open: everything.');
  });

  test('a reply with nothing at all leaves no message that a vendor would refuse', async () => {
    const world = createWorld({ model: () => ({ text: '  ' }) });
    await world.turn();
    expect(world.memory().conversation.map(({ role }) => role)).toEqual(['user', 'user']);
    expect(told(world)[1]).toContain('empty');
  });

  test('call ids that repeat are made unique, within a reply and between turns', async () => {
    const world = createWorld({ model: saying({ calls: [bash('a'), bash('b')] }, { calls: [bash('c')] }) });
    const deps = world.deps();
    const complete = deps.finance.complete;
    const sameIds = {
      ...deps,
      finance: {
        ...deps.finance,
        complete: (call: Parameters<typeof complete>[0]) =>
          complete({
            ...call,
            replied: (record) =>
              call.replied({
                ...record,
                message: {
                  role: 'assistant',
                  parts: record.message.parts.map((part) =>
                    part.type === 'tool_call' ? { ...part, id: 'call_0' } : part,
                  ),
                },
              }),
          }),
      },
    };
    for (let turn = 0; turn < 2; turn += 1) {
      const lease = world.lease();
      await runTurn(sameIds, world.memory(), world.writer(lease), new AbortController().signal);
    }
    const ids = world.memory().conversation.flatMap((each) => (each.role === 'tool' ? [each.callId] : []));
    expect(new Set(ids).size).toBe(3);
    expect(results(world)).toEqual(['exit code: 0\nran a', 'exit code: 0\nran b', 'exit code: 0\nran c']);
  });
});
