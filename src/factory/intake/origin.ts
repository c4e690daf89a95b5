import type { IssueOrigin } from '../model/forge/issue-origin.ts';
import type { Project } from '../model/project.ts';
import type { StateStore } from '../ports.ts';

export function issueOf({ origin }: Pick<Project, 'origin'>): IssueOrigin | null {
  return origin?.kind === 'issue' ? origin : null;
}

/** Puts down what is known of the issue of a project. */
export async function noteOrigin(
  state: Pick<StateStore, 'project'>,
  projectId: string,
  change: Partial<IssueOrigin>,
): Promise<void> {
  await state.project(projectId).update((current) => {
    const { origin } = current;
    return origin?.kind === 'issue' ? { ...current, origin: { ...origin, ...change } } : current;
  });
}
