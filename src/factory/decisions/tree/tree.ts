import { expecting } from '../../../lib/errno.ts';
import { isFailure } from '../../../lib/failure.ts';
import type { Project } from '../../model/project.ts';
import type { StateStore } from '../../ports.ts';

/** A project with the projects forked from it. */
export interface ProjectTree {
  project: Project;
  children: ProjectTree[];
}

type Projects = Pick<StateStore, 'project'>;

/**
 * A project with all that was forked from it. A child whose folder is not there (not made yet, or removed) is left out, and
 * no project stands in it twice, whatever the documents say of each other.
 *
 * Throws `not_found`/`project_not_found` for the project itself, `environment`/`state_unreadable` for any of them.
 */
export async function readTree(state: Projects, id: string): Promise<ProjectTree> {
  return grow(state, await state.project(id).get(), new Set([id]));
}

async function grow(state: Projects, project: Project, seen: Set<string>): Promise<ProjectTree> {
  const fresh = childIds(project).filter((id) => !seen.has(id));
  for (const id of fresh) seen.add(id);
  const found = await Promise.all(fresh.map((id) => projectOrNull(state, id)));
  const children = found.filter((each) => each !== null).map((child) => grow(state, child, seen));
  return { project, children: await Promise.all(children) };
}

/** A fork that is being made names its children before the project does. */
function childIds({ childProjectIds, forks }: Project): string[] {
  const planned = forks.flatMap(({ branches }) => branches.map((branch) => branch.projectId));
  return [...new Set([...childProjectIds, ...planned])];
}

/** All projects of a tree, each before its children. */
export function flatten({ project, children }: ProjectTree): Project[] {
  return [project, ...children.flatMap(flatten)];
}

/** What was forked from a project, and from that, each before its own children; without the project itself. */
export async function descendants(state: Projects, id: string): Promise<Project[]> {
  return flatten(await readTree(state, id)).slice(1);
}

/** The project and what it was forked from, the root first. It begins where a project on the way is gone. */
export async function lineage(state: Projects, project: Project): Promise<Project[]> {
  const line = [project];
  for (let first = project; first.parentProjectId !== undefined; ) {
    const { parentProjectId } = first;
    if (line.some(({ id }) => id === parentProjectId)) break;
    const parent = await projectOrNull(state, parentProjectId);
    if (parent === null) break;
    line.unshift(parent);
    first = parent;
  }
  return line;
}

/**
 * The branches that led to a branch, the root's first and the branch itself last. Of projects that share a name of a branch
 * (in different repositories), the newest counts.
 *
 * @returns `null` where no project works on it
 */
export async function branchLineage(
  state: Pick<StateStore, 'project' | 'listSummaries'>,
  branchName: string,
): Promise<string[] | null> {
  const { projects } = await state.listSummaries();
  const [owner] = projects
    .filter((each) => each.workBranch === branchName)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  if (owner === undefined) return null;
  const line = await lineage(state, await state.project(owner.id).get());
  return line.map(({ workBranch }) => workBranch);
}

/** `null` for a project whose folder is not there. */
export async function projectOrNull(state: Pick<StateStore, 'project'>, id: string): Promise<Project | null> {
  // Asked for within a promise: for what is no id, the store itself throws.
  const project = Promise.resolve().then(() => state.project(id).get());
  return project.catch(expecting((error) => isFailure(error, 'project_not_found'), null));
}
