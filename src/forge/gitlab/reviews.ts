import type { Forge, ForgeLineComment } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import type { GitLabApi } from './api.ts';
import { positionOf } from './position.ts';
import { discussionReply, noteReply, versionReply, versionsReply } from './replies.ts';

type Reviews = Pick<
  Forge,
  'reviewComments' | 'addReview' | 'addReviewComment' | 'editReview' | 'editReviewComment'
>;

/** A review is a note here, and its comments are discussions of their own. */
export function reviewsOf(api: GitLabApi): Reviews {
  const { at, list, read, write } = api;
  const editNote: Reviews['editReview'] = async (number, id, body) => {
    await write('PUT', await at(`/merge_requests/${number}/notes/${id}`), { body });
  };
  return {
    async reviewComments(number) {
      const path = await at(`/merge_requests/${number}/discussions`);
      const found = await list(path, {}, discussionReply, 'the discussions');
      return found
        .flatMap(({ notes }) => notes)
        .filter(({ system }) => !system)
        .map(({ system: _, ...comment }) => comment);
    },
    async addReview(number, { body }) {
      const made = await write('POST', await at(`/merge_requests/${number}/notes`), { body });
      return read(noteReply, 'a new note', made).id;
    },
    addReviewComment: (number, commit, comment) => addReviewComment(api, number, commit, comment),
    editReview: editNote,
    editReviewComment: editNote,
  };
}

async function addReviewComment(
  { name, at, one, write }: GitLabApi,
  number: number,
  commit: string,
  { path: file, line, body }: ForgeLineComment,
): Promise<void> {
  const path = await at(`/merge_requests/${number}`);
  const versions = await one(`${path}/versions`, versionsReply, 'the versions');
  const version = versions.find(({ head_commit_sha: head }) => head === commit);
  const shown =
    version === undefined ? null : await one(`${path}/versions/${version.id}`, versionReply, 'a version');
  const place = positionOf(shown?.diffs ?? [], file, line);
  if (shown === null || place === null)
    throw new DarkFactoryError(
      'failed',
      'forge_refused',
      `The merge request ${number} at the forge ${name} shows no line ${line} of ${file.slice(0, 200)} at ${commit.slice(0, 12)}`,
      'Look at what it shows there.',
    );
  const position = {
    ...{ position_type: 'text', ...place },
    base_sha: shown.base_commit_sha,
    head_sha: shown.head_commit_sha,
    start_sha: shown.start_commit_sha,
  };
  await write('POST', `${path}/discussions`, { body, position });
}
