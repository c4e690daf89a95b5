/** What happens, as it happens. */
import * as z from 'zod';
import type { Feed } from '../events/feed.ts';
import { streamEvents } from '../events/stream.ts';
import { projectOf } from './projects.ts';
import { type ApiContext, route } from './route.ts';

/** `after` stands for the header `Last-Event-ID`, which a page cannot send with its first request. */
const query = z.strictObject({ after: z.string().max(8_000).optional() });

export function eventRoutes(feed: Feed) {
  const stream = (asked: { query: z.infer<typeof query> }, context: ApiContext, projectId?: string) => {
    const { response, signal, services } = context;
    const lastId = response.req.get('Last-Event-ID') ?? asked.query.after;
    const which = projectId === undefined ? {} : { projectId };
    return streamEvents({ feed, response, signal, lastId, now: services.clock.now(), ...which });
  };
  return [
    route({
      method: 'get',
      path: '/events',
      role: 'viewer',
      summary: 'Server-sent events of all projects, from now on or after Last-Event-ID',
      query,
      handle: (asked, context) => stream(asked, context),
    }),
    route({
      method: 'get',
      path: '/projects/:id/events',
      role: 'viewer',
      summary: 'Server-sent events of a project, from the first or after Last-Event-ID',
      query,
      handle: async (asked, context) => stream(asked, context, await projectOf(asked, context.services)),
    }),
  ];
}
