import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { IntakeSource } from '../config/intake-settings.ts';
import { ENDED } from '../model/project.ts';
import type { Forge, ForgeIssue } from '../ports.ts';
import { alone } from './alone.ts';
import { keepComment } from './comment.ts';
import type { IntakeDeps } from './deps.ts';
import { placeOfIssue } from './find-project.ts';
import { issueOf, noteOrigin } from './origin.ts';
import { issueName } from './words.ts';

/**
 * Projects at work whose issues carry the label no more, or are gone: nobody listens to what those say by now, but one that was closed,
 * deleted or moved to another repository still stops its project.
 *
 * @param places of the repository: a project of another one is not looked at
 * @param listed numbers of the issues that carry the label
 */
export async function followUnlisted(
  deps: IntakeDeps,
  forge: Pick<Forge, 'issue' | 'comments' | 'addComment' | 'editComment'>,
  source: IntakeSource,
  places: readonly string[],
  listed: ReadonlySet<number>,
): Promise<void> {
  for (const { id, status, ...project } of await deps.state.listOpenProjects()) {
    const origin = issueOf(project);
    if (origin?.forge !== source.forge || !places.includes(placeOfIssue(origin))) continue;
    if (listed.has(origin.number) || ENDED.has(status)) continue;
    await alone(deps, source, origin, 'follow', async () => {
      const isGone = (error: unknown) =>
        isFailure(error, 'forge_not_found') || isFailure(error, 'forge_gone');
      const issue = await forge.issue(origin.number).catch(expecting(isGone, null));
      const end = endOf(issue, places);
      if (end === null) return;
      await deps.actAs(issueName(origin)).terminateProject(id, `The issue #${origin.number} ${end}.`);
      await noteOrigin(deps.state, id, { state: 'closed' });
      if (issue?.state === 'closed') await keepComment(deps, forge, id, origin);
    });
  }
}

/** Why there is nothing to work on any more; `null`: there is. */
function endOf(issue: ForgeIssue | null, places: readonly string[]): string | null {
  if (issue === null) return 'is not there any more';
  // One that was moved is answered as it is there.
  if (!places.includes(placeOfIssue(issue))) return `was moved to ${issue.url}`;
  return issue.state === 'closed' ? 'was closed' : null;
}
