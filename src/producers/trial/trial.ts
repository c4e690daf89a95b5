/** A persona is tried on a small repository of the factory's own: really, as any project, and with a cap. */
import { join } from 'node:path';
import { type BranchFigures, branchFigures } from '../../factory/decisions/tree/figures.ts';
import { quarterOfBytes } from '../../factory/finance/calls/estimate.ts';
import { isOnRoute, routesOf } from '../../factory/finance/routing/routes.ts';
import { wishesOf } from '../../factory/model/personas/persona.ts';
import type { Project } from '../../factory/model/project.ts';
import { usageError } from '../../lib/failure.ts';
import { newUuid } from '../../lib/ids.ts';
import { removeTree } from '../../lib/remove-tree.ts';
import type { Services } from '../../services.ts';
import { makeFolder } from '../../state/files/files.ts';
import { parsePersona } from '../../state/personas.ts';
import { estimateTrial, TRIAL_BUDGET, type TrialEstimate } from './estimate.ts';
import { makeScratchRepository } from './scratch-repository.ts';
import { SHOP_FILES, SHOP_TASK } from './shop.ts';

/** What a trial will take, told before it is begun. */
export interface TrialPlan {
  persona: string;
  /** What it is asked to do where nobody asks for something else. */
  task: string;
  /** USD at most where nobody names another cap. */
  budget: number;
  /** By provider, in the order in which they are asked. Empty: none may work for it. */
  estimates: TrialEstimate[];
}

/** What came of a trial so far. */
export interface TrialOutcome
  extends Pick<
    BranchFigures,
    'id' | 'name' | 'status' | 'settled' | 'gate' | 'tasks' | 'diff' | 'cost' | 'possible' | 'activeMs'
  > {
  persona: string;
  at: Date;
  statusReason?: string;
  stopped?: boolean;
  /** Of its agent. */
  turns: number;
  /** USD at most. */
  budget?: number;
  /** Tasks by name, each with its state. */
  did: { title: string; status: string }[];
}

export interface TrialOrder {
  persona: string;
  /** Of the persona's file, saved or not: what is tried is what stands here now. */
  text: string;
  /** USD. Missing: `TRIAL_BUDGET`. */
  budget?: number | undefined;
  /** Missing: the task that comes with the repository. */
  task?: string | undefined;
}

/** @param text of the persona's file */
export async function planTrial(services: Services, persona: string, text: string): Promise<TrialPlan> {
  const { providers } = await services.state.providers().get();
  const { tiers } = services.config;
  const read = parsePersona(text, persona);
  const wishes = read.ok ? wishesOf(read.template) : {};
  // As the project that tries it is routed.
  const asks = { personas: [{ templateName: persona, ...wishes }], settings: {} };
  const [route = null] = routesOf(services.config, asks, { persona });
  const { openPriceList } = await import('../../llm/price-list.ts');
  const { priceOf } = openPriceList(services.home.priceListFile);
  const estimates = estimateTrial(
    providers.filter(isOnRoute(tiers, route)),
    persona,
    quarterOfBytes(text),
    priceOf,
  );
  return { persona, task: SHOP_TASK, budget: TRIAL_BUDGET, estimates };
}

/**
 * Makes the repository with a copy of the persona, and the project; starts nothing.
 *
 * @throws DarkFactoryError `usage`/`persona_invalid`, `environment`/`git_missing`, and what making a project throws
 */
export async function makeTrial(
  { home, personas, engine }: Services,
  env: NodeJS.ProcessEnv,
  { persona, text, budget = TRIAL_BUDGET, task = SHOP_TASK }: TrialOrder,
): Promise<Project> {
  const problem = personas.problemOf(text, persona);
  if (problem !== null)
    throw usageError('persona_invalid', `It is no persona: ${problem}`, 'Nothing was begun. Correct it.');
  const repository = join(home.trials, newUuid());
  await makeFolder(repository);
  try {
    await makeScratchRepository(repository, { ...SHOP_FILES, [`personas/${persona}.md`]: text }, env);
    return await engine.createProject({
      name: `try ${persona}`,
      description: task,
      repository,
      personas: [persona],
      budget,
      trialOf: persona,
    });
  } catch (error) {
    await removeTree(repository);
    throw error;
  }
}

/** How many of a persona's trials are looked at: the newest. */
const MOST_TRIALS = 20;

export async function trialsOf(services: Services, persona: string): Promise<TrialOutcome[]> {
  const { projects } = await services.state.listProjects();
  const own = projects.filter((each) => each.trialOf === persona && each.parentProjectId === undefined);
  return Promise.all(
    own
      .toReversed()
      .slice(0, MOST_TRIALS)
      .map((each) => trialOutcome(services, each)),
  );
}

export async function trialOutcome(services: Services, project: Project): Promise<TrialOutcome> {
  const { tasks: list } = await services.state.tasks(project.id).get();
  const { stopped, settings, createdAt: at, trialOf: persona = '' } = project;
  const [figures, { steps, earlier }] = await Promise.all([
    branchFigures(services, project),
    services.projects.getTranscript(project.id, { persona, last: 1 }),
  ]);
  const { id, name, status, settled, gate, tasks, diff, cost, possible, activeMs, statusReason } = figures;
  const turns = earlier + steps.length;
  return {
    ...{ id, name, persona, at, status, settled, gate, tasks, diff, cost, possible, activeMs, turns },
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(stopped === undefined ? {} : { stopped }),
    ...(settings.budget === undefined ? {} : { budget: settings.budget }),
    did: list.map(({ title, status: state }) => ({ title, status: state })),
  };
}
