import type { Feed } from '../events/feed.ts';
import { eventRoutes } from './events.ts';
import { lookRoutes } from './looks.ts';
import { machineRoutes } from './machine.ts';
import { describing } from './openapi.ts';
import { orderRoutes } from './orders.ts';
import { projectRoutes } from './projects.ts';
import type { Route } from './route.ts';

/** Every address below `/api/v1`. */
export function apiRoutes(feed: Feed, version: string): Route[] {
  return describing(
    [...projectRoutes, ...orderRoutes, ...lookRoutes, ...machineRoutes, ...eventRoutes(feed)],
    version,
  );
}
