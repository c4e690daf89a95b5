/** Which tier, or which provider, a call is kept to. Pure. */
import type { Config } from '../../config/config.ts';
import { AUDITOR } from '../../model/agents.ts';
import type { Operation, ProviderConfig } from '../../model/money/finance.ts';
import type { Tier } from '../../model/money/tier.ts';
import type { PersonaConfig } from '../../model/personas/persona-config.ts';
import type { ProjectSettings } from '../../model/project.ts';
import { SEALER } from '../../model/sealing/sealer.ts';
import { isTier } from './tiers.ts';

export type RoutingConfig = Pick<Config, 'tiers' | 'routing'>;

/** What of a project says where its calls go. */
interface RoutedProject {
  personas: readonly Pick<PersonaConfig, 'templateName' | 'model'>[];
  settings: Pick<ProjectSettings, 'model' | 'sealWith'>;
}

/** Who asks, and for what. */
export interface Asking {
  persona?: string | undefined;
  /** Missing: work. */
  operation?: Operation | undefined;
  /** Work that stayed red is kept to this tier until it is green. */
  escalatedTo?: Tier | undefined;
}

/** A tier, or id or model of a provider. `null`: any provider will do. */
export type Route = string | null;

/** In place of a tier: no tier. */
export const ANY = 'any';

/**
 * What a call is kept to, and what takes its place, one after the other, when no provider of the tier before can be used. A provider
 * that is asked for by name has no substitute.
 */
export function routesOf(
  { tiers, routing }: RoutingConfig,
  { personas, settings }: RoutedProject,
  { persona, operation, escalatedTo }: Asking,
): readonly Route[] {
  const own = personas.find(({ templateName }) => templateName === persona)?.model;
  const work = [escalatedTo, own, settings.model, routing.default];
  // Whoever judges, or seals, is meant to be another one than who works.
  const wishes =
    persona === AUDITOR
      ? [routing.judge]
      : persona === SEALER
        ? [settings.sealWith?.model]
        : operation === 'compaction'
          ? [routing.summarise, ...work]
          : work;
  const names = [...new Set(wishes.filter((each) => each !== undefined))];
  const [first] = names;
  if (first === undefined) return ANY_PROVIDER;
  if (!isTier(tiers, first) || routing.unavailable === 'wait') return [first];
  const named = [...new Set([...names, routing.default ?? null])];
  const end = named.findIndex((each) => each !== null && !isTier(tiers, each));
  return end === -1 ? named : named.slice(0, end + 1);
}

const ANY_PROVIDER: readonly Route[] = [null];

/**
 * What a conversation is kept to: what it goes on with where the tier it is meant for was gone.
 *
 * @param held that, since the conversation was last made smaller
 */
export function routeAtWork(
  config: RoutingConfig,
  project: RoutedProject,
  asking: Asking,
  held: { wanted: string; instead: string } | undefined,
): Route {
  const [wanted = null] = routesOf(config, project, asking);
  if (held === undefined || held.wanted !== wanted) return wanted;
  return held.instead === ANY ? null : held.instead;
}

/** Whether a call that is kept to it may come to a provider. */
export function isOnRoute(
  tiers: RoutingConfig['tiers'],
  route: Route,
): (provider: Pick<ProviderConfig, 'id' | 'model'>) => boolean {
  if (route === null) return () => true;
  return ({ id, model }) =>
    isTier(tiers, route) ? tiers[route]?.includes(id) === true : route === id || route === model;
}
