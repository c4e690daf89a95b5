import type { Project } from '../../factory/model/project.ts';
import type { ScratchContent } from '../../factory/ports/workspace.ts';
import type { WorkspaceDeps } from '../deps.ts';
import type { SetupEntry } from '../packages/setup-cache.ts';

/*
 * What agents add to a commit may be what a build makes: a program, classes, a folder of packages. In a fresh tree all files are equally
 * old, so a build tool would take it for done, and tests would run that in place of what the sources say.
 */

/** Files of a commit that the project's base commit does not have. */
export async function addedSince(
  git: Pick<WorkspaceDeps['git'], 'changedFiles' | 'listFiles'>,
  { repository, baseCommit }: Project,
  commit: string,
): Promise<string[]> {
  if (commit === baseCommit) return [];
  const changed = await git.changedFiles(repository, baseCommit, commit);
  if (changed.length === 0) return [];
  const base = new Set(await git.listFiles(repository, baseCommit));
  return changed.filter((path) => !base.has(path));
}

/** The same without the added files that lie where the set-up makes its own. */
export function withoutMade(
  { baseCommit }: Project,
  content: ScratchContent,
  entry: SetupEntry | null,
  added: readonly string[],
): ScratchContent {
  const places = entry === null ? [] : [...entry.kept.copied, ...entry.kept.lent];
  const paths = added.filter((path) => places.some((each) => path === each || path.startsWith(`${each}/`)));
  if (paths.length === 0) return content;
  return { ...content, over: [...(content.over ?? []), { commit: baseCommit, paths }] };
}
