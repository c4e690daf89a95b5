import type { ForgeKind } from '../../../src/factory/model/forge/forge.ts';
import type { Scenario } from '../scenario.ts';
import type { ForgeServer } from './index.ts';

/** Makes the server known to a scenario as the forge `shop`, with a token that workers and commands find in their environment. */
export async function addForge(s: Scenario, server: ForgeServer, kind: ForgeKind = 'github'): Promise<void> {
  s.env['FORGE_TOKEN'] = 'good-token';
  const repository = ['--kind', kind, '--repo', server.state.repository, '--url', server[kind]];
  await s.json('forge', 'add', ...repository, '--token-env', 'FORGE_TOKEN');
}
