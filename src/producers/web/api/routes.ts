import type { Services } from '../../../services.ts';
import type { Monitor } from '../../health/monitor.ts';
import type { Feed } from '../events/feed.ts';
import type { Rows } from '../events/rows.ts';
import { eventRoutes } from './events.ts';
import { lookRoutes } from './looks.ts';
import { machineRoutes } from './machine.ts';
import { describing } from './openapi.ts';
import { orderRoutes } from './orders.ts';
import { personaRoutes } from './personas.ts';
import { projectRoutes } from './projects.ts';
import { providerRoutes } from './providers.ts';
import { questionRoutes } from './questions.ts';
import type { Route } from './route.ts';

export interface RouteDeps {
  services: Services;
  feed: Feed;
  rows: Rows;
  monitor: Monitor;
  version: string;
}

/** Every address below `/api/v1`. */
export function apiRoutes(deps: RouteDeps): Route[] {
  const { feed, rows, version } = deps;
  return describing(
    [
      ...projectRoutes,
      ...orderRoutes,
      ...lookRoutes,
      ...providerRoutes(deps),
      ...machineRoutes(deps),
      ...questionRoutes,
      ...personaRoutes,
      ...eventRoutes(feed, rows),
    ],
    version,
  );
}
