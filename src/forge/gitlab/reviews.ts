import type { Forge } from '../../factory/ports.ts';
import type { GitLabApi } from './api.ts';
import { discussionReply, noteReply, versionsReply } from './replies.ts';

type Reviews = Pick<Forge, 'reviewComments' | 'addReview' | 'editReview' | 'editReviewComment'>;

export function reviewsOf({ at, one, list, read, write }: GitLabApi): Reviews {
  return {
    async reviewComments(number) {
      const path = await at(`/merge_requests/${number}/discussions`);
      const found = await list(path, {}, discussionReply, 'the discussions');
      return found
        .flatMap(({ notes }) => notes)
        .filter(({ system }) => !system)
        .map(({ system: _, ...comment }) => comment);
    },
    async addReview(number, { body, comments }) {
      const path = await at(`/merge_requests/${number}`);
      const [version] = await one(`${path}/versions`, versionsReply, 'the versions');
      for (const { path: file, line, body: said } of comments) {
        const position = {
          ...{ position_type: 'text', old_path: file, new_path: file, new_line: line },
          base_sha: version?.base_commit_sha,
          head_sha: version?.head_commit_sha,
          start_sha: version?.start_commit_sha,
        };
        await write('POST', `${path}/discussions`, { body: said, position });
      }
      return read(noteReply, 'a new note', await write('POST', `${path}/notes`, { body })).id;
    },
    async editReview(number, id, body) {
      await write('PUT', await at(`/merge_requests/${number}/notes/${id}`), { body });
    },
    async editReviewComment(number, id, body) {
      await write('PUT', await at(`/merge_requests/${number}/notes/${id}`), { body });
    },
  };
}
