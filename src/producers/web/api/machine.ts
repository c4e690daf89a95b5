/** Providers and the machine. */
import * as z from 'zod';
import { role } from '../../../factory/model/access.ts';
import { providerConfig, providerSwitch } from '../../../factory/model/money/finance.ts';
import { fresh } from '../../../lib/async/fresh.ts';
import { readVersion } from '../../../lib/version.ts';
import type { Services } from '../../../services.ts';
import { nightDocument } from '../../documents/night.ts';
import { providerDocuments } from '../../documents/providers.ts';
import { scheduleDocuments } from '../../documents/schedules.ts';
import { switchDocuments } from '../../documents/switches.ts';
import { timelineDocument } from '../../documents/timeline.ts';
import type { Monitor } from '../../health/monitor.ts';
import { type Route, route } from './route.ts';

const since = z.strictObject({ since: z.coerce.date().optional() });
const HOUR_MS = 3_600_000;
/** All ledgers are read for it: once for everybody who asks within so many milliseconds. */
const SPENDING_FRESH_MS = 20_000;
/** Longer nights are no nights. */
const LONGEST_NIGHT_MS = 14 * 24 * HOUR_MS;

export function machineRoutes({ monitor, services }: { monitor: Monitor; services: Services }): Route[] {
  const now = () => services.clock.now();
  // Of the program that runs: an upgrade changes the file below it.
  const version = readVersion();
  const sinceOf = (given?: Date) => {
    const earliest = now().getTime() - LONGEST_NIGHT_MS;
    return new Date(Math.max(earliest, given?.getTime() ?? now().getTime() - 24 * HOUR_MS));
  };
  const spending = fresh(
    () => services.spentByProvider(new Date(now().getTime() - HOUR_MS)),
    now,
    SPENDING_FRESH_MS,
  );
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
      path: '/providers',
      role: 'viewer',
      summary: 'Providers with their state, as df provider list --json; of keys the last four characters',
      answer: z.array(providerConfig.extend({ state: z.string() })),
      handle: (_asked, { services }) => providerDocuments(services),
    }),
    route({
      method: 'get',
      path: '/providers/spending',
      role: 'viewer',
      summary: 'USD that each provider was paid within the last hour',
      answer: z.object({ lastHour: z.record(z.string(), z.number()) }),
      handle: async () => ({ lastHour: Object.fromEntries(await spending()) }),
    }),
    route({
      method: 'get',
      path: '/providers/switches',
      role: 'viewer',
      summary:
        'From which provider to which other projects went, and why, the newest first; the last 24 hours unless `since` says otherwise',
      query: since,
      answer: z.array(providerSwitch.extend({ projectId: z.string(), project: z.string() })),
      handle: ({ query }) => switchDocuments(services.state, sinceOf(query.since)),
    }),
    route({
      method: 'get',
      path: '/schedules',
      role: 'viewer',
      summary: 'Schedules, when they come and what came of them, as df schedule list --json',
      answer: z.array(
        z.looseObject({
          ...{ id: z.string(), name: z.string(), cron: z.string(), timezone: z.string() },
          ...{ next: z.date().nullable(), open: z.array(z.string()), runs: z.array(z.looseObject({})) },
        }),
      ),
      handle: () => scheduleDocuments(services),
    }),
    switching('enable', 'Uses a provider again; what went wrong before does not count'),
    switching('disable', 'Uses a provider no more, from the next call on'),
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
      query: since,
      answer: z.looseObject({
        since: z.date(),
        until: z.date(),
        projects: z.array(z.looseObject({ id: z.string() })),
      }),
      handle: ({ query }, { env }) => nightDocument(services, sinceOf(query.since), env),
    }),
    route({
      method: 'get',
      path: '/timeline',
      role: 'viewer',
      summary: 'What all projects did since a moment: working, gates, waiting, asleep',
      query: since,
      answer: z.looseObject({
        since: z.date(),
        until: z.date(),
        projects: z.array(z.looseObject({ id: z.string() })),
      }),
      handle: ({ query }) => timelineDocument(services, sinceOf(query.since)),
    }),
  ];
}

function switching(order: 'enable' | 'disable', summary: string) {
  return route({
    method: 'post',
    path: `/providers/:id/${order}`,
    role: 'owner',
    summary,
    body: z.strictObject({}),
    answer: z.looseObject({ id: z.string(), enabled: z.boolean() }),
    handle: ({ params }, { services }) =>
      services.financeApi.updateProvider(params['id'] ?? '', { enabled: order === 'enable' }),
  });
}
