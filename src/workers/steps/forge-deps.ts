import { keyOwner } from '../../factory/model/forge/forge.ts';
import { newUuid } from '../../lib/ids.ts';
import type { Services } from '../../services.ts';
import { episodesOf } from '../../state/home/episodes.ts';

/** What asking forges needs. */
export function forgeDeps(services: Services) {
  const { state, openForge, record, clock, inNameOf, vault } = services;
  return {
    ...{ state, openForge, record },
    now: () => clock.now(),
    newId: newUuid,
    episodes: episodesOf(services),
    actAs: (by: string) => inNameOf(by).engine,
    async secrets() {
      const [{ providers }, { forges }] = await Promise.all([state.providers().get(), state.forges().get()]);
      const sealed = [
        ...providers.map(({ id, apiKey }) => [id, apiKey] as const),
        ...forges.map(({ id, token }) => [keyOwner(id), token] as const),
      ];
      // One that cannot be read could not stand in a text.
      return Promise.all(sealed.map(([owner, key]) => vault.open(owner, key).catch(() => '')));
    },
  };
}
