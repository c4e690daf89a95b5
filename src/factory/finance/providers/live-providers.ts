import type { FinanceDeps } from '../deps.ts';
import { type Candidate, candidate } from './select.ts';

/** All providers as they are now. */
export async function loadCandidates(deps: Pick<FinanceDeps, 'state' | 'meter'>): Promise<Candidate[]> {
  const { providers } = await deps.state.providers().get();
  const live = await deps.meter.live(providers.map(({ id }) => id));
  return providers.map((provider) => candidate(provider, live.get(provider.id)));
}

/** Live figures of a moment ago are good enough for a first choice: the reservation has the last word. Milliseconds. */
const GLANCE_MS = 250;

/** All providers: fresh from Redis, or at a glance, with live figures that calls of this process share for a moment. */
export interface LiveProviders {
  glance(): Promise<Candidate[]>;
  look(): Promise<Candidate[]>;
  /** The figures that are shared are out of date: a probe has changed them. */
  forget(): void;
}

/** The file is looked at every time: a new key or a provider that was switched off counts at the next call. */
export function createLiveProviders(deps: Pick<FinanceDeps, 'state' | 'meter'>): LiveProviders {
  let seen: { ids: string; at: number; live: ReturnType<FinanceDeps['meter']['live']> } | undefined;
  const read = async (how: 'glance' | 'look') => {
    const { providers } = await deps.state.providers().get();
    const names = providers.map(({ id }) => id);
    const ids = names.join('\n');
    const now = performance.now();
    if (how === 'look' || seen === undefined || seen.ids !== ids || now - seen.at > GLANCE_MS) {
      seen = { ids, at: now, live: deps.meter.live(names) };
    }
    const mine = seen;
    try {
      const live = await mine.live;
      return providers.map((provider) => candidate(provider, live.get(provider.id)));
    } catch (error) {
      if (seen === mine) seen = undefined;
      throw error;
    }
  };
  return {
    glance: () => read('glance'),
    look: () => read('look'),
    forget() {
      seen = undefined;
    },
  };
}
