import { onTestFinished } from 'vitest';
import type { Role } from '../../src/factory/model/access.ts';
import { serve } from '../../src/producers/web/serve.ts';
import type { Scenario } from '../support/scenario.ts';

/** The pages of a scenario's home until the test ends. @returns a link for that role that holds over restarts */
export async function servePages(s: Scenario, role: Role) {
  const { token } = await s.json<{ token: string }>('token', 'add', role, '--role', role);
  const env = { ...s.env, DF_HOME: s.home };
  const start = (port: number) => serve(s.services, env, { host: '127.0.0.1', port, role: 'viewer' });
  let web = await start(0);
  onTestFinished(() => web.close());
  const { origin, port } = new URL(web.url);
  return {
    link: `${origin}/?token=${token}`,
    stop: () => web.close(),
    async restart() {
      web = await start(Number(port));
    },
  };
}
