import { createAnswers } from '../../lib/lru.ts';
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
  projects: readonly Pick<Project, 'repository' | 'personas' | 'settings'>[],
): Promise<Estimated[]> {
  const histories = createAnswers<Finished[]>(KEPT);
  const estimates: Estimated[] = [];
  for (const { repository, personas, settings } of projects) {
    const asked = {
      repository,
      personas: personas.map(({ templateName }) => templateName),
      models: await modelsOf(state, settings.model),
    };
    const finished = await histories(repository, () => finishedProjects(state, repository));
    estimates.push({ ...estimate(finished, asked), asked });
  }
  return estimates;
}

/** A provider's id stands for its model; without any word those that are set up count. */
export async function modelsOf(
  state: Pick<StateStore, 'providers'>,
  asked: string | undefined,
): Promise<string[]> {
  const { providers } = await state.providers().get();
  if (asked !== undefined) return [providers.find(({ id }) => id === asked)?.model ?? asked];
  return [...new Set(providers.filter(({ enabled }) => enabled).map(({ model }) => model))];
}
