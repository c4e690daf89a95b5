import fc from 'fast-check';
import type { ChatMessage } from '../../../src/factory/model/message.ts';
import { anyText } from '../../support/any-text.ts';
import { sign } from '../../support/model-server/formats/anthropic-thinking.ts';

const text = fc.oneof(
  fc.constantFrom('', ' ', '\n', 'hello', 'a\ud83d', '\ude00b', '\ud83d\ude00', '\u0000', '"\\'),
  anyText(),
);
const id = fc.oneof(
  fc.constantFrom('call_1', 'call_1', '', 'a b', 'x'.repeat(60), 'ünïcode', 'toolu_01AbC'),
  fc.string(),
);
const args = fc.oneof(
  fc.constantFrom('', '{}', '{"a":1}', '{"a":', '[1]', '"text"', 'null', '{"a":"\\ud83d"}'),
  fc.json(),
  fc.string(),
);
const name = fc.oneof(fc.constantFrom('bash', 'functions.bash', '', 'ls -la', 'ö'.repeat(90)), fc.string());

/** Of a vendor that no test speaks to. */
const FOREIGN = fc.constant({ vendor: 'elsewhere', model: 'one', data: { extra_content: 'SECRET' } });

const part = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({ type: fc.constant('tool_call' as const), id, name, arguments: args }),
  fc.record({ type: fc.constant('tool_call' as const), id, name, arguments: args, opaque: FOREIGN }),
  fc.record({
    type: fc.constant('thinking' as const),
    vendor: fc.constantFrom('anthropic', 'openai', 'custom:host'),
    model: fc.constantFrom('one', 'two'),
    data: fc.constant({ type: 'thinking', thinking: 'hm', signature: sign('one', 'hm') }),
  }),
);

/** Any message at any place: what crashes, switches of vendor and confused models leave behind. */
export const anyConversation: fc.Arbitrary<ChatMessage[]> = fc.array(
  fc.oneof(
    fc.record({ role: fc.constant('user' as const), text }),
    fc.record({ role: fc.constant('assistant' as const), parts: fc.array(part, { maxLength: 4 }) }),
    fc.record({
      role: fc.constant('assistant' as const),
      parts: fc.array(part, { maxLength: 4 }),
      paused: fc.constantFrom({ vendor: 'anthropic', model: 'one' }, { vendor: 'elsewhere', model: 'one' }),
    }),
    fc.record({ role: fc.constant('tool' as const), callId: id, name, output: text, isError: fc.boolean() }),
  ),
  { maxLength: 12 },
);
