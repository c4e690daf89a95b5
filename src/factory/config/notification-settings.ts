import * as z from 'zod';
import { notificationTarget, webAddress } from '../model/notifications/notification-target.ts';
import { duration, group, unset } from './settings.ts';

const MEANING = 'Who is told what happens';

/** A list alone names the targets. */
export const spelledOut = (value: unknown): unknown => (Array.isArray(value) ? { targets: value } : value);

export const notificationSettings = z
  .preprocess(
    spelledOut,
    group(MEANING, {
      targets: z
        .array(notificationTarget)
        .max(20)
        .default([])
        .meta({
          description:
            'Whom to tell of what: webhooks, chats, a command. `df notify test` tries them. `notifications: [...]` is short for this',
          examples: [[{ type: 'slack', url: 'env:SLACK_URL', on: ['completed', 'failed'] }]],
        }),
      heartbeat: group('For a watchdog elsewhere: no worker can tell that none is left', {
        url: unset(webAddress, 'env:WATCHDOG_URL', 'Address that is asked (GET) while workers live'),
        interval: duration('5m', 'How often'),
      }),
    }),
  )
  .describe(MEANING);
