/** Which project was made of an issue: forges may get the id of one that was removed, and then their numbers are other issues. */
import { projectOrNull } from '../decisions/tree/tree.ts';
import type { Project } from '../model/project.ts';
import type { ForgeIssue, ForgeRepository, StateStore } from '../ports.ts';
import { issueOf } from './origin.ts';
import { projectOfIssue } from './words.ts';

/** Host and path, which no two repositories have in common. */
function placeOf(address: string): string {
  const { host, pathname } = new URL(address);
  return `${host}${pathname}`.toLowerCase();
}

/** The repository of an issue, by the address of that. */
export function placeOfIssue({ url }: Pick<ForgeIssue, 'url'>): string {
  return placeOf(url).replace(/(\/-)?\/(issues|work_items)\/\d+$/, '');
}

/** Where a repository is, and where it was under the names that it had. The present place comes first. */
export function placesOf({ url, name }: ForgeRepository, formerly: readonly string[]): [string, ...string[]] {
  const place = placeOf(url);
  return [place, ...formerly.map((former) => `${place.slice(0, -name.length)}${former.toLowerCase()}`)];
}

/**
 * The project of an issue, and the id that it has or is to get. That tells of the forge and the number alone, as far as no project of
 * another repository has it.
 *
 * @param places of the repository, as `placesOf` tells them
 */
export async function findProject(
  state: Pick<StateStore, 'project'>,
  forgeId: string,
  places: readonly [string, ...string[]],
  number: number,
): Promise<{ id: string; project: Project | null }> {
  const id = projectOfIssue(forgeId, number);
  const first = await projectOrNull(state, id);
  if (first !== null && isOf(first, places)) return { id, project: first };
  for (const place of places) {
    const other = projectOfIssue(forgeId, number, place);
    const project = await projectOrNull(state, other);
    if (project !== null) return { id: other, project };
  }
  return { id: first === null ? id : projectOfIssue(forgeId, number, places[0]), project: null };
}

function isOf(project: Project, places: readonly string[]): boolean {
  const origin = issueOf(project);
  return origin !== null && places.includes(placeOfIssue(origin));
}
