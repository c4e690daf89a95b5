import type { Scenario } from '../scenario.ts';
import type { ForgeServer } from './index.ts';

/** Makes the server known to a scenario as the forge `shop`, with a token that workers and commands find in their environment. */
export async function addForge(s: Scenario, server: ForgeServer): Promise<void> {
  s.env['FORGE_TOKEN'] = 'good-token';
  const repository = ['--kind', 'github', '--repo', 'acme/shop', '--url', server.github];
  await s.json('forge', 'add', ...repository, '--token-env', 'FORGE_TOKEN');
}
