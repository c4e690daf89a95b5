import { redactText } from '../../lib/text/redact.ts';
import { FACTORY } from '../finance/deps.ts';
import type { Letter, Outbox } from '../model/notifications/notification.ts';
import { targetId, targetName } from '../model/notifications/notification-target.ts';
import type { Sent } from '../ports.ts';
import { GIVE_UP_MS, pauseAfter, pauseLeft } from './outbox.ts';
import { createScan } from './scan.ts';
import type { NotificationDeps, Notifications } from './types.ts';

export function createNotifications(deps: NotificationDeps): Notifications {
  const { boxes, targets } = deps;
  const byId = new Map(targets.map((target) => [targetId(target), target]));
  const { scan, watch } = createScan(deps, byId);
  /** Sent, and not noted yet: on a full disk that takes a while, and the target must not hear it again with every try. */
  const unnoted = new Set<string>();

  const change = (box: string, at: { notice: string; target: string }, next: Letter | null) =>
    boxes.box(box).update((current: Outbox) => {
      const letters = current.letters.flatMap((each) =>
        each.notice.id === at.notice && each.target === at.target ? (next === null ? [] : [next]) : [each],
      );
      return { ...current, letters };
    });

  const notifications: Notifications = {
    scan,
    watch,
    async tellNow(signal) {
      await scan(FACTORY);
      const { letters } = await boxes.box(FACTORY).get();
      await Promise.all(
        letters.map(({ notice, target }) =>
          notifications.deliver({ box: FACTORY, notice: notice.id, target }, signal),
        ),
      );
    },
    async deliver({ box, ...at }, signal) {
      const { letters } = await boxes.box(box).get();
      const letter = letters.find((each) => each.notice.id === at.notice && each.target === at.target);
      if (letter === undefined) return { outcome: 'done', detail: 'it was sent before' };
      const target = byId.get(at.target);
      if (target === undefined) {
        await change(box, at, null);
        return { outcome: 'done', detail: 'its target is not configured any more' };
      }
      const name = targetName(target);
      const { notBefore } = letter;
      if (notBefore !== undefined && pauseLeft(letter, deps.now()) > 0)
        return { outcome: 'later', until: notBefore, detail: `${name} is tried again then` };
      const key = `${at.notice} ${at.target}`;
      const sent: Sent = unnoted.has(key) ? { ok: true } : await deps.send(target, letter.notice, signal);
      if (sent.ok) {
        unnoted.add(key);
        await change(box, at, null);
        unnoted.delete(key);
        return { outcome: 'done', detail: `${letter.notice.kind} told to ${name}` };
      }
      const said = { target: name, kind: letter.notice.kind, notice: at.notice, problem: sent.problem };
      const age = deps.now().getTime() - Date.parse(letter.notice.timestamp);
      if (age > GIVE_UP_MS) {
        await change(box, at, null);
        deps.warn(said, 'a notification was given up');
        return { outcome: 'done', detail: `given up: ${sent.problem}` };
      }
      const tries = letter.tries + 1;
      if (tries === 1) deps.warn(said, 'a notification could not be sent yet');
      const pause = pauseAfter(tries, sent.retryAfterMs, deps.chance());
      const until = new Date(deps.now().getTime() + pause);
      await change(box, at, { ...letter, tries, notBefore: until });
      return { outcome: 'later', until, detail: `${name}: ${sent.problem}` };
    },
    async test(signal) {
      const message = redactText('If you can read this, notifications arrive.', await deps.secrets());
      const notice = {
        id: deps.newId(),
        kind: 'test' as const,
        title: 'Dark Factory',
        message,
        timestamp: deps.now().toISOString(),
        project: null,
      };
      return Promise.all(
        targets.map(async (target) => ({
          name: targetName(target),
          type: target.type,
          sent: await deps.send(target, notice, signal),
        })),
      );
    },
  };
  return notifications;
}
