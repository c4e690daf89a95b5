import { createAnswers } from '../../lib/lru.ts';
import { isOnRoute, type Route, type RoutingConfig, routesOf } from '../finance/routing/routes.ts';
import type { ProviderConfig } from '../model/money/finance.ts';
import type { Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';
import { type Asked, type Estimate, estimate } from './estimate.ts';
import { type Finished, finishedProjects } from './finished.ts';

type History = Pick<StateStore, 'listProjects' | 'project' | 'costs' | 'providers'>;

/** What is asked for, with what is expected of it. */
export interface Estimated extends Estimate {
  asked: Asked;
}

/** Repositories whose history is kept while projects are estimated. */
const KEPT = 100;

/** What each of these projects may take, whether they are there already or only planned. */
export async function estimateProjects(
  state: History,
  config: RoutingConfig,
  projects: readonly Pick<Project, 'repository' | 'personas' | 'settings'>[],
): Promise<Estimated[]> {
  const histories = createAnswers<Finished[]>(KEPT);
  const { providers } = await state.providers().get();
  const estimates: Estimated[] = [];
  for (const project of projects) {
    const { repository } = project;
    const personas = project.personas.map(({ templateName }) => templateName);
    const models = personas.flatMap((persona) => {
      const [route = null] = routesOf(config, project, { persona });
      return modelsOf(providers, config, route);
    });
    const asked = { repository, personas, models: [...new Set(models)] };
    const finished = await histories(repository, () => finishedProjects(state, repository));
    estimates.push({ ...estimate(finished, asked), asked });
  }
  return estimates;
}

/** Of a tier its providers count, a provider's id stands for its model, and where any may work those that are switched on. */
export function modelsOf(
  providers: readonly Pick<ProviderConfig, 'id' | 'model' | 'enabled'>[],
  { tiers }: Pick<RoutingConfig, 'tiers'>,
  route: Route,
): string[] {
  const meant = providers.filter(isOnRoute(tiers, route)).filter(({ enabled }) => enabled || route !== null);
  const models = meant.map(({ model }) => model);
  return models.length === 0 && route !== null ? [route] : [...new Set(models)];
}
