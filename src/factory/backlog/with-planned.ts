import { once } from '../../lib/async/once.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import { createAnswers } from '../../lib/lru.ts';
import type { CreateDeps } from '../lifecycle/create/create.ts';
import type { Project } from '../model/project.ts';
import type { DocumentStore, StateStore } from '../ports.ts';

/** Answers of each kind that are kept while a file is checked. */
const KEPT = 20_000;

/**
 * What checks of many projects at one moment stand on: projects that are only planned are there already, and what is asked of the
 * state, of repositories and of personas is asked once.
 */
export async function withPlanned<Deps extends Pick<CreateDeps, 'state' | 'git' | 'loadPersona'>>(
  deps: Deps,
  planned: readonly Project[] = [],
): Promise<{ deps: Deps; add(project: Project): void }> {
  const projects = new Map(planned.map((each) => [each.id, each]));
  const { state } = deps;
  const there = await state.listOpenProjects();
  const open = [...there, ...planned];
  const branches = new Set(open.map(({ workBranch }) => workBranch));
  const summaries = once(() => state.listSummaries());
  const personas = createAnswers<Awaited<ReturnType<CreateDeps['loadPersona']>>>(KEPT);
  const overlay: Partial<StateStore> = {
    project: (id) => {
      const found = projects.get(id);
      return found === undefined ? state.project(id) : fixed(found);
    },
    listOpenProjects: async () => open,
    listSummaries: () => summaries(),
  };
  return {
    deps: {
      ...deps,
      planned: branches,
      state: { ...state, ...overlay },
      git: await deps.git.atOneMoment(),
      loadPersona: (repository: string, name: string, path?: string) =>
        personas(`${repository}\0${name}\0${path}`, () => deps.loadPersona(repository, name, path)),
    },
    add(project) {
      projects.set(project.id, project);
      open.push(project);
      branches.add(project.workBranch);
    },
  };
}

/** It can be read, and nothing more. */
function fixed(project: Project): DocumentStore<Project> {
  const refuse = async () => {
    throw new DarkFactoryError('failed', 'not_made_yet', `${project.name} is only planned`, 'Make it first.');
  };
  return { get: async () => project, update: refuse, later: refuse };
}
