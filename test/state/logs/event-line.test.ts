import { describe, expect, it } from 'vitest';
import { factoryEvent } from '../../../src/factory/model/event.ts';
import { eventLine } from '../../../src/state/logs/event-line.ts';

const KEY = 'sk-live-0123456789abcdef';
const WORD = 'hallgrimsson';
const projectId = '7b6f7c30-0000-4000-8000-000000000000';
const timestamp = '2026-11-22T10:00:00.000Z';
const event = (type: string, more: object = {}) =>
  factoryEvent.parse({ timestamp, projectId, type, message: `${WORD} and ${KEY}`, ...more });

describe('an event as it is written down', () => {
  it('A82 raw-words: holds no key, wherever it stands in it', () => {
    const line = eventLine(
      event('tool.ran', { data: { output: `Authorization: Bearer ${KEY}`, deep: [{ [KEY]: KEY }] } }),
      false,
    );
    expect(JSON.stringify(line)).not.toContain(KEY);
    expect(line.message).toContain(WORD);
  });

  it.each([
    ['step.replied', { data: { provider: 'main', cost: 0.1, text: WORD } }],
    ['tool.ran', { data: { output: WORD, isError: true } }],
    ['progress.warned', {}],
    ['gate.failed', { data: { report: 'r1', failures: [WORD], kind: 'finish' } }],
    ['audit.failed', { data: { findings: [WORD] } }],
    ['decision.weighed', { data: { phase: 'ready', choice: { why: WORD } } }],
    ['project.forked', { data: { branches: [{ option: WORD }] } }],
    ['project.failed', {}],
    ['task.updated', { taskId: 't1', data: { by: 'owner', status: 'skipped' } }],
    ['provider.failing', { data: { provider: 'main', kind: 'request' } }],
    ['something.new', { data: { words: WORD } }],
  ])('A82 raw-words: with privacy.encrypt a %s holds nobody’s words', (type, more) => {
    expect(JSON.stringify(eventLine(event(type, more), true))).not.toContain(WORD);
  });

  it('keeps with privacy.encrypt what happened, to what, and how it went', () => {
    const line = eventLine(
      event('tool.ran', {
        persona: 'engineer',
        step: 3,
        data: { isError: true, provider: 'main', output: WORD },
      }),
      true,
    );
    expect(line).toMatchObject({ type: 'tool.ran', step: 3, data: { isError: true, provider: 'main' } });
    expect(eventLine({ ...event('disk.low'), message: 'Little room.' }, true).message).toBe('Little room.');
  });

  it('names its agent by project and persona', () => {
    expect(eventLine(event('x.y', { persona: 'engineer' }), false)).toHaveProperty('agentId');
    expect(eventLine(event('x.y'), false)).not.toHaveProperty('agentId');
  });
});
