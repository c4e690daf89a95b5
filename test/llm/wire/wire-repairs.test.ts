import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/factory/model/message.ts';
import { createIdMapper } from '../../../src/llm/wire/ids.ts';
import { INTERRUPTED } from '../../../src/llm/wire/normalise.ts';
import { anthropic, call, openai, result, user } from './wire-support.ts';

describe('what a crash or a confused model leaves', () => {
  test('a call without a result is answered as interrupted', () => {
    const body = openai([user('go'), call('call_1'), user('and?')]);
    expect(body.messages[3]).toEqual({ role: 'tool', tool_call_id: 'call_1', content: INTERRUPTED });
    expect(body.messages[4]).toEqual({ role: 'user', content: 'and?' });
  });

  test('a note between call and result comes after the result', () => {
    const body = openai([user('go'), call('call_1'), user('note'), result('call_1', 'done')]);
    expect(body.messages.slice(3).map((message: { content: string }) => message.content)).toEqual([
      'done',
      'note',
    ]);
  });

  test('a result whose call was summarised away is told as text', () => {
    const body = openai([user('summary'), result('gone', 'output')]);
    expect(body.messages[2].content).toContain('output');
    expect(body.messages[2].role).toBe('user');
  });

  test('malformed arguments stay readable for the model and acceptable for the vendor', () => {
    const messages = [user('go'), call('call_1', '{"command": "ls'), result('call_1', 'bad arguments', true)];
    expect(anthropic(messages).messages[1].content[0].input).toEqual({
      malformed_arguments: '{"command": "ls',
    });
    expect(JSON.parse(openai(messages).messages[2].tool_calls[0].function.arguments)).toEqual({
      malformed_arguments: '{"command": "ls',
    });
  });

  test('well-formed arguments go to OpenAI word for word', () => {
    const body = openai([user('go'), call('call_1', '{ "command":  "ls" }'), result('call_1', 'x')]);
    expect(body.messages[2].tool_calls[0].function.arguments).toBe('{ "command":  "ls" }');
  });

  test('a conversation that ends with the assistant is asked to go on', () => {
    const said: ChatMessage = { role: 'assistant', parts: [{ type: 'text', text: 'Done.' }] };
    expect(openai([user('go'), said]).messages.at(-1).role).toBe('user');
    expect(anthropic([said]).messages.map((message: { role: string }) => message.role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
  });
});

describe('ids of calls', () => {
  test('those that fit stay, others become short hashes, always the same ones', () => {
    const map = createIdMapper('common');
    expect(map('toolu_01AbC')).toBe('toolu_01AbC');
    const hashed = map('ünïcode with spaces');
    expect(hashed).toMatch(/^call_[0-9a-f]{24}$/);
    const again = createIdMapper('common');
    again('toolu_01AbC');
    expect(again('ünïcode with spaces')).toBe(hashed);
  });

  test('no two calls of a conversation share one, under every rule', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('call_0', 'abcdefghi', 'x'.repeat(50), '')),
        fc.constantFrom('common' as const, 'nine' as const),
        (ids, rule) => {
          const mapped = ids.map(createIdMapper(rule));
          expect(new Set(mapped).size).toBe(ids.length);
          for (const id of mapped) expect(id).toMatch(rule === 'nine' ? /^[a-z0-9]{9}$/i : /^[\w-]{1,40}$/);
        },
      ),
    );
  });
});
