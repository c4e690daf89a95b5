import { describe, expect, it } from 'vitest';
import { factoryEvent } from '../../../src/factory/model/event.ts';
import { asDiscord, asDocument, asSlack } from '../../../src/factory/notifications/formats.ts';
import { draftOf, draftOfEnd } from '../../../src/factory/notifications/notice.ts';
import { pauseAfter } from '../../../src/factory/notifications/outbox.ts';
import { sampleProject } from '../../state/samples.ts';

const event = (type: string, more: Record<string, unknown> = {}) =>
  factoryEvent.parse({ timestamp: '2026-01-01T00:00:00Z', projectId: 'p', type, message: 'm', ...more });
const now = new Date('2026-01-02T00:00:00Z');

describe('the notice to the owner', () => {
  it.each([
    ['project.waiting_for_credits', { level: 'warn' }, 'waiting_for_credits'],
    ['project.waiting_for_credits', { level: 'info' }, 'none'],
    ['project.waiting', { level: 'warn', data: { for: 'disk' } }, 'stalled'],
    ['project.waiting', { level: 'info', data: { for: 'rate' } }, 'none'],
    ['project.paused', { level: 'warn' }, 'paused'],
    ['project.paused', { level: 'info' }, 'none'],
    ['budget.warning', {}, 'budget'],
    ['decision.made', {}, 'decision'],
    ['decision.merged', {}, 'decision'],
    ['decision.handed_over', {}, 'decision'],
    ['decision.weighed', { data: { phase: 'ready' } }, 'decision'],
    ['decision.weighed', { data: { phase: 'merging' } }, 'none'],
    ['disk.low', {}, 'disk_low'],
    ['memory.low', {}, 'memory_low'],
    ['redis.low', {}, 'memory_low'],
    ['task.blocked', {}, 'task_blocked'],
    ['project.stalled', {}, 'stalled'],
    ['up.hung_up', {}, 'stalled'],
    ['up.stuck', { level: 'warn' }, 'stalled'],
    ['up.stuck', { level: 'info' }, 'none'],
    ['night.ended', {}, 'night_report'],
    ['schedule.failed', { level: 'warn' }, 'schedule'],
    ['schedule.failed', { level: 'info' }, 'none'],
    ['schedule.ran', {}, 'none'],
    ['tool.ran', {}, 'none'],
    ['project.completed', {}, 'none'],
  ])('of %s %j is of the kind: %s', (type, more, kind) => {
    expect(draftOf(event(type, more), sampleProject())?.kind ?? 'none').toBe(kind);
  });

  it.each(['provider', 'credits', 'key'])('of a wait for a %s names it', (cause) => {
    const waits = event('project.waiting_for_credits', { level: 'warn', data: { for: cause } });
    expect(draftOf(waits, sampleProject())?.title).toMatch(new RegExp(`waits for .*${cause}`));
  });

  it('of an end names the status, once its figures are in or a minute has passed; that of a branch has none', () => {
    const ended = {
      status: 'failed' as const,
      statusReason: 'why',
      endTime: new Date('2026-01-01T23:59:50Z'),
    };
    expect(draftOfEnd(sampleProject(), now)).toBeNull();
    expect(draftOfEnd(sampleProject(ended), now)).toBeNull();
    expect(draftOfEnd(sampleProject({ ...ended, settled: true }), now)).toMatchObject({
      kind: 'failed',
      message: 'why',
      title: 'sample has failed',
    });
    const later = new Date('2026-01-02T00:01:00Z');
    expect(draftOfEnd(sampleProject(ended), later)?.kind).toBe('failed');
    const parentProjectId = sampleProject().id;
    expect(draftOfEnd(sampleProject({ ...ended, settled: true, parentProjectId }), now)).toBeNull();
  });
});

describe('tries', () => {
  it('grow apart up to a quarter of an hour, and respect what the target asks for', () => {
    const pauses = [1, 2, 3, 20, 500].map((tries) => pauseAfter(tries, undefined, 0.5));
    expect(pauses).toEqual([5_000, 10_000, 20_000, 900_000, 900_000]);
    expect(pauseAfter(1, 60_000, 0.5)).toBe(60_000);
    expect(pauseAfter(1, 1e12, 0.5)).toBe(900_000);
    expect(pauseAfter(1, undefined, 0)).toBeLessThan(pauseAfter(1, undefined, 1));
  });
});

describe('forms', () => {
  const notice = {
    id: 'n',
    kind: 'decision' as const,
    title: 'x\u001b[31m',
    message: `\u{1f600}`.repeat(3_000),
    timestamp: '2026-01-01T00:00:00Z',
    project: null,
  };

  it('carry no control sequences and cut no character in two', () => {
    for (const form of [asDocument, asSlack, asDiscord]) {
      const text = JSON.stringify(form({ ...notice, title: 'plain' }));
      expect(text).not.toMatch(/\\ud83d(?!\\ude00)/i);
      expect(text.isWellFormed?.() ?? true).toBe(true);
    }
    expect(JSON.stringify(asSlack(notice))).not.toContain('u001b');
    expect(JSON.stringify(asDiscord(notice))).not.toContain('u001b');
  });
});
