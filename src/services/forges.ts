import type { ForgeConfig } from '../factory/model/forge/forge.ts';
import type { Forge } from '../factory/ports.ts';
import type { OpenForgesDeps } from '../forge/open.ts';
import { once } from '../lib/async/once.ts';

/** A repository at its forge; what talks to forges is loaded when the first one is asked. */
export type OpenForge = (config: ForgeConfig) => Promise<Forge>;

export function openForgesLater(deps: OpenForgesDeps): OpenForge {
  const forges = once(async () => (await import('../forge/open.ts')).openForges(deps));
  return async (config) => (await forges())(config);
}
