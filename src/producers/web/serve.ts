/** All that is served, put together from a home's services. */

import { ownerAct } from '../../factory/lifecycle/owner-act.ts';
import type { Role } from '../../factory/model/access.ts';
import { fresh } from '../../lib/async/fresh.ts';
import { sleepUnless } from '../../lib/async/sleep.ts';
import { readVersion } from '../../lib/version.ts';
import type { Services } from '../../services.ts';
import { overviewRow } from '../documents/overview.ts';
import { countWorkers } from '../documents/workers.ts';
import { createMonitor } from '../health/monitor.ts';
import { mountApi } from './api/api.ts';
import { apiRoutes } from './api/routes.ts';
import { createFeed } from './events/feed.ts';
import { createRows } from './events/rows.ts';
import { pages } from './pages.ts';
import { startWeb, type Web } from './web.ts';

export interface ServeOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** What whoever has the link may do. */
  role: Role;
}

/** Redis is asked this seldom who works, however many rows change. Milliseconds. */
const WORKERS_FRESH_MS = 1_000;

/** @throws DarkFactoryError `environment`/`port_taken`, `environment`/`board_address` */
export async function serve(services: Services, env: NodeJS.ProcessEnv, options: ServeOptions): Promise<Web> {
  const { queues } = await services.queues();
  const { state } = services;
  const onProblem = (err: unknown) => services.log.warn({ err }, 'events of a project cannot be followed');
  const feed = createFeed({ state, sleep: sleepUnless, onProblem });
  const now = () => services.clock.now();
  const workers = fresh(() => countWorkers(services, env), now, WORKERS_FRESH_MS);
  const row = async (id: string) => overviewRow({ state, workers: await workers(), now: now() }, id);
  const rows = createRows({ feed, row, now, sleep: sleepUnless, onProblem });
  const monitor = createMonitor(services, env);
  const routes = apiRoutes({ services, feed, rows, monitor, version: readVersion() });
  return startWeb({
    ...options,
    queues,
    tokens: () => services.state.tokens().get(),
    now: () => services.clock.now(),
    monitor,
    log: services.log,
    pages: pages(),
    api: mountApi(routes, services, env),
    projectNames: async () =>
      new Map((await services.state.listSummaries()).projects.map(({ id, name }) => [id, name])),
    onQueueChange: (what, by) => {
      void ownerAct({ ...services, by }, 'board.changed', `Through the board, by ${by}: ${what}.`);
    },
  });
}
