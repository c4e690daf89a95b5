import { newUuid } from '../../lib/ids.ts';
import type { Services } from '../../services.ts';
import { episodesOf } from '../../state/home/episodes.ts';

/** What asking forges needs. */
export function forgeDeps(services: Services) {
  const { state, openForge, record, clock, inNameOf } = services;
  return {
    ...{ state, openForge, record },
    now: () => clock.now(),
    newId: newUuid,
    episodes: episodesOf(services),
    actAs: (by: string) => inNameOf(by).engine,
  };
}
