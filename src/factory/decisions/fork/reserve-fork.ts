import type { Config } from '../../config/config.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';
import { lineage } from '../tree/tree.ts';

export interface ReserveDeps {
  state: Pick<StateStore, 'project'>;
}

/**
 * Sets places aside for the children of a fork, in the root's document, so that branches that fork at the same moment never
 * exceed the limits together. The same decision is counted once, however often it asks.
 *
 * @returns why there is no room, as a sentence for the agent; `null` when the places are set aside
 */
export async function reserveFork(
  { state }: ReserveDeps,
  project: Project,
  decisionId: string,
  children: number,
  rules: Pick<Config['decisions'], 'maxDepth' | 'maxProjects'>,
): Promise<string | null> {
  const line = await lineage(state, project);
  if (line.length > rules.maxDepth) {
    return `The options are close, but branches may not be deeper than ${rules.maxDepth}: the best one is taken.`;
  }
  const [root = project] = line;
  const key = `${project.id}/${decisionId}`;
  let granted = false;
  await state.project(root.id).update((current) => {
    const { [key]: mine, ...others } = current.treeForks;
    const taken = Object.values(others).reduce((sum, count) => sum + count, 1);
    granted = mine !== undefined || taken + children <= rules.maxProjects;
    if (!granted || mine !== undefined) return current;
    return { ...current, treeForks: { ...others, [key]: children } };
  });
  if (granted) return null;
  return `The options are close, but the project and its branches may be ${rules.maxProjects} at most: the best one is taken.`;
}
