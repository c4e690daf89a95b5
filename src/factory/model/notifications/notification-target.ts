import { createHash } from 'node:crypto';
import * as z from 'zod';

/** What the owner may be told of. */
const NOTICE_KINDS = [
  'completed',
  'failed',
  'timeout',
  'waiting_for_credits',
  'paused',
  'budget',
  'decision',
  'question',
  'stalled',
  'task_blocked',
  'night_report',
  'schedule',
  'forge',
  'checks',
  'disk_low',
  'memory_low',
] as const;
export const noticeKind = z.enum(NOTICE_KINDS);
export type NoticeKind = z.infer<typeof noticeKind>;

/** An address may be a secret as a whole, so no message about it repeats it. */
export const webAddress = z
  .string()
  .refine(
    (text) => /^env:[A-Za-z_][A-Za-z0-9_]*$/.test(text) || isWebAddress(text),
    'no http(s) address, and not env:NAME',
  );

const base = {
  /** For people and logs. Default: the type. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/)
    .optional(),
  /** Default: everything. */
  on: z
    .array(noticeKind)
    .min(1)
    .default([...NOTICE_KINDS]),
};

/** One entry of `notifications.targets` in config.yaml. */
export const notificationTarget = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['webhook', 'slack', 'discord']), url: webAddress, ...base }),
  z.object({ type: z.literal('command'), command: z.string().min(1).max(10_000), ...base }),
]);
export type NotificationTarget = z.infer<typeof notificationTarget>;

/** Tells targets apart through changes of config.yaml; says nothing about the address. */
export function targetId(target: NotificationTarget): string {
  const place = target.type === 'command' ? target.command : target.url;
  return createHash('sha256').update(`${target.type}\0${place}`).digest('hex').slice(0, 16);
}

export function targetName({ name, type }: NotificationTarget): string {
  return name ?? type;
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
