import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainConversation } from '../../../../src/factory/finance/calls/repair.ts';
import type { ChatMessage } from '../../../../src/factory/model/message.ts';

const call = (id: string, args = '{}') => ({ type: 'tool_call' as const, id, name: 'bash', arguments: args });
const said = (text: string) => ({ type: 'text' as const, text });
const assistant = (...parts: (ReturnType<typeof call> | ReturnType<typeof said>)[]): ChatMessage => ({
  role: 'assistant',
  parts,
});
const result = (callId: string): ChatMessage => ({
  role: 'tool',
  callId,
  name: 'bash',
  output: `output of ${callId}`,
  isError: false,
});
const user = (text: string): ChatMessage => ({ role: 'user', text });

describe('a conversation made plain', () => {
  test('a sound one stays as it is', () => {
    const sound = [user('go'), assistant(said('look'), call('1')), result('1'), assistant(said('done'))];
    expect(plainConversation(sound)).toEqual(sound);
  });

  test('calls without a result, results without a call and broken arguments become text', () => {
    const broken = [user('go'), assistant(call('1'), call('2', '{"a":')), result('2'), result('9')];
    const plain = plainConversation(broken);
    expect(plain.flatMap((message) => (message.role === 'tool' ? [message] : []))).toEqual([]);
    expect(JSON.stringify(plain)).toContain('output of 2');
    expect(JSON.stringify(plain)).toContain('output of 9');
  });

  test('thinking is dropped and nothing empty is left', () => {
    const thinking: ChatMessage = {
      role: 'assistant',
      parts: [{ type: 'thinking', vendor: 'v', model: 'm', data: {} }],
    };
    expect(plainConversation([user('go'), thinking, user('')])).toEqual([user('go')]);
  });

  test('every call is followed by its result, whatever came in', () => {
    const id = fc.constantFrom('1', '2', '3');
    const message = fc.oneof(
      id.map(result),
      fc.string().map(user),
      fc
        .array(
          fc.oneof(
            id.map((each) => call(each)),
            fc.string().map(said),
          ),
        )
        .map((parts) => assistant(...parts)),
    );
    fc.assert(
      fc.property(fc.array(message), (messages) => {
        const plain = plainConversation(messages);
        const open: string[] = [];
        for (const each of plain) {
          if (each.role === 'tool') {
            if (!open.includes(each.callId)) return false;
            open.splice(open.indexOf(each.callId), 1);
          } else {
            if (open.length > 0) return false;
            if (each.role === 'assistant') {
              for (const part of each.parts) if (part.type === 'tool_call') open.push(part.id);
            }
          }
        }
        return open.length === 0 && plain[0]?.role === 'user';
      }),
    );
  });
});
