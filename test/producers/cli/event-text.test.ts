import { expect, it } from 'vitest';
import type { FactoryEvent } from '../../../src/factory/model/event.ts';
import { eventText } from '../../../src/producers/cli/render/event-text.ts';
import { eventLine } from '../../../src/state/logs/event-line.ts';

const secret = 'the word of a model';
it.each<[FactoryEvent['type'], NonNullable<FactoryEvent['data']>, string]>([
  [
    'step.replied',
    { requestId: 'r', provider: 'main', model: 'm1', cost: 0.25, tokens: 1_200, calls: 1 },
    'step replied, provider main, model m1, $0.2500, tokens 1,200, 1 call',
  ],
  ['tool.ran', { callId: 'c', call: 0, output: secret, isError: true }, 'tool ran, failed'],
  ['task.completed', { title: secret, outcome: secret }, 'task completed'],
  [
    'audit.failed',
    { kind: 'closing', round: 2, commit: 'a'.repeat(40), durationMs: 61_000 },
    'audit failed, kind closing, round 2, commit aaaaaaaaaaaa, 1m 01s',
  ],
])('%s of which the words are kept encrypted says what may be said', (type, data, text) => {
  const event = {
    timestamp: '2026-01-01T00:00:00.000Z',
    projectId: 'p',
    type,
    level: 'info',
    message: secret,
    data,
  } as FactoryEvent;
  expect(eventText(event)).toBe(secret);
  expect(eventText(eventLine(event, true))).toBe(text);
});
