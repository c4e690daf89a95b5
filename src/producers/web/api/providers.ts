/** Providers: their state, what was spent at them, and who may work. */
import * as z from 'zod';
import { providerConfig, providerSwitch } from '../../../factory/model/money/finance.ts';
import { fresh } from '../../../lib/async/fresh.ts';
import type { Services } from '../../../services.ts';
import { providerDocuments } from '../../documents/providers.ts';
import { switchDocuments } from '../../documents/switches.ts';
import { type Route, route } from './route.ts';
import { sinceOf, sinceQuery } from './since.ts';

const HOUR_MS = 3_600_000;
/** All ledgers are read for it: once for everybody who asks within so many milliseconds. */
const SPENDING_FRESH_MS = 20_000;

export function providerRoutes({ services }: { services: Services }): Route[] {
  const now = () => services.clock.now();
  const spending = fresh(
    () => services.spentByProvider(new Date(now().getTime() - HOUR_MS)),
    now,
    SPENDING_FRESH_MS,
  );
  return [
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
      summary:
        'USD that were spent at each provider within the last hour, at most: what may have been billed without a reply is among it',
      answer: z.object({ lastHour: z.record(z.string(), z.number()) }),
      handle: async () => ({ lastHour: Object.fromEntries(await spending()) }),
    }),
    route({
      method: 'get',
      path: '/providers/switches',
      role: 'viewer',
      summary:
        'From which provider to which other projects went, and why, the newest first; the last 24 hours unless `since` says otherwise',
      query: sinceQuery,
      answer: z.array(providerSwitch.extend({ projectId: z.string(), project: z.string() })),
      handle: ({ query }) => switchDocuments(services.state, sinceOf(query, now())),
    }),
    switching('enable', 'Uses a provider again; what went wrong before does not count'),
    switching('disable', 'Uses a provider no more, from the next call on'),
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
