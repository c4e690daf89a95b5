/** The machine, and what happened on it. */
import * as z from 'zod';
import { role } from '../../../factory/model/access.ts';
import { readVersion } from '../../../lib/version.ts';
import type { Services } from '../../../services.ts';
import { nightDocument } from '../../documents/night.ts';
import { scheduleDocuments } from '../../documents/schedules.ts';
import { timelineDocument } from '../../documents/timeline.ts';
import type { Monitor } from '../../health/monitor.ts';
import { type Route, route } from './route.ts';
import { sinceOf, sinceQuery } from './since.ts';

const schedules = z.array(
  z.looseObject({
    ...{ id: z.string(), name: z.string(), cron: z.string(), timezone: z.string() },
    ...{ next: z.date().nullable(), open: z.array(z.string()), runs: z.array(z.looseObject({})) },
  }),
);

export function machineRoutes({ monitor, services }: { monitor: Monitor; services: Services }): Route[] {
  const now = () => services.clock.now();
  // Of the program that runs: an upgrade changes the file below it.
  const version = readVersion();
  return [
    route({
      method: 'get',
      path: '/me',
      role: 'viewer',
      summary: 'Who asks, what they may do, and the version that answers',
      answer: z.object({ role, by: z.string(), version: z.string() }),
      handle: async (_asked, { identity }) => ({ ...identity, version }),
    }),
    route({
      method: 'get',
      path: '/schedules',
      role: 'viewer',
      summary: 'Schedules, when they come and what came of them, as df schedule list --json',
      answer: schedules,
      handle: () => scheduleDocuments(services),
    }),
    route({
      method: 'get',
      path: '/health',
      role: 'viewer',
      summary: 'Whether work can be done, and what stands in its way, as df health --json',
      answer: z.looseObject({
        status: z.enum(['healthy', 'degraded', 'not_ready']),
        problems: z.array(z.looseObject({ part: z.string(), severity: z.string(), message: z.string() })),
      }),
      handle: () => monitor.health(),
    }),
    route({
      method: 'get',
      path: '/report',
      role: 'viewer',
      summary:
        'What a night came to over all projects, as df report; the last 24 hours unless `since` says otherwise',
      query: sinceQuery,
      answer: z.looseObject({
        since: z.date(),
        until: z.date(),
        projects: z.array(z.looseObject({ id: z.string() })),
      }),
      handle: ({ query }, { env }) => nightDocument(services, sinceOf(query, now()), env),
    }),
    route({
      method: 'get',
      path: '/timeline',
      role: 'viewer',
      summary: 'What all projects did since a moment: working, gates, waiting, asleep',
      query: sinceQuery,
      answer: z.looseObject({
        since: z.date(),
        until: z.date(),
        projects: z.array(z.looseObject({ id: z.string() })),
      }),
      handle: ({ query }) => timelineDocument(services, sinceOf(query, now())),
    }),
  ];
}
