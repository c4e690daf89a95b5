/** What happens, as it happens. */
import * as z from 'zod';
import type { Feed } from '../events/feed.ts';
import type { Rows } from '../events/rows.ts';
import { streamEvents } from '../events/stream.ts';
import { projectOf } from './projects.ts';
import { type ApiContext, route } from './route.ts';

/** `after` stands for the header `Last-Event-ID`, which a page cannot send with its first request. */
const query = z.strictObject({ after: z.string().max(8_000).optional() });
/** `rows`: rows of the overview come as well, as events named `project`. */
const allQuery = query.extend({ rows: z.enum(['true', 'false']).default('false') });

export function eventRoutes(feed: Feed, rows: Rows) {
  const stream = (
    asked: { query: z.infer<typeof query> },
    context: ApiContext,
    more: { projectId?: string; rows?: Rows },
  ) => {
    const { response, signal, services } = context;
    const lastId = response.req.get('Last-Event-ID') ?? asked.query.after;
    return streamEvents({ feed, response, signal, lastId, now: services.clock.now(), ...more });
  };
  return [
    route({
      method: 'get',
      path: '/events',
      role: 'viewer',
      summary: 'Server-sent events of all projects, from now on or after Last-Event-ID',
      query: allQuery,
      handle: (asked, context) => stream(asked, context, asked.query.rows === 'true' ? { rows } : {}),
    }),
    route({
      method: 'get',
      path: '/projects/:id/events',
      role: 'viewer',
      summary: 'Server-sent events of a project, from the first or after Last-Event-ID',
      query,
      handle: async (asked, context) =>
        stream(asked, context, { projectId: await projectOf(asked, context.services) }),
    }),
  ];
}
