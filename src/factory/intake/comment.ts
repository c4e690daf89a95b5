import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { uuidFrom } from '../../lib/ids.ts';
import type { IssueOrigin } from '../model/forge/issue-origin.ts';
import type { Forge, StateStore } from '../ports.ts';
import { noteOrigin } from './origin.ts';
import { commentText, markOf } from './words.ts';

/**
 * Has the one comment on an issue say how its project stands. Whether it is there is looked up before it is written: the answer to an
 * earlier try may have been lost. One that somebody removed is not written again.
 */
export async function keepComment(
  { state }: { state: Pick<StateStore, 'project'> },
  forge: Pick<Forge, 'comments' | 'addComment' | 'editComment'>,
  projectId: string,
  origin: IssueOrigin,
): Promise<void> {
  const text = commentText(await state.project(projectId).get(), origin);
  const says = uuidFrom(text);
  if (origin.comment?.says === says) return;
  const thread = { kind: 'issue', number: origin.number } as const;
  const known = origin.comment?.id ?? (await findComment(forge, origin));
  const id = known ?? (await forge.addComment(thread, text)).id;
  if (known !== undefined)
    await forge
      .editComment(thread, known, text)
      .catch(expecting((error) => isFailure(error, 'forge_not_found'), undefined));
  await noteOrigin(state, projectId, { comment: { id, says } });
}

/** Once it stands there anybody may repeat the mark: the oldest one is the factory's. */
async function findComment(
  forge: Pick<Forge, 'comments'>,
  { number, mark }: IssueOrigin,
): Promise<string | undefined> {
  const there = await forge.comments({ kind: 'issue', number });
  return there
    .filter(({ body }) => body.includes(markOf(mark)))
    .sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())[0]?.id;
}
