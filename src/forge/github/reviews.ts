import type { Forge } from '../../factory/ports.ts';
import { isFailure } from '../../lib/failure.ts';
import { type GitHubApi, HUNDRED } from './api.ts';
import { idReply, lineCommentReply, reviewReply } from './replies.ts';

type Reviews = Pick<
  Forge,
  'reviewComments' | 'addReview' | 'addReviewComment' | 'editReview' | 'editReviewComment'
>;

export function reviewsOf({ octokit, at, one, list, reply }: GitHubApi): Reviews {
  return {
    async reviewComments(number) {
      const whose = { ...at, ...HUNDRED, pull_number: number };
      const lines = await list(
        () => octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/comments', whose),
        lineCommentReply,
        'the comments of reviews',
      );
      const reviews = await list(
        () => octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', whose),
        reviewReply,
        'the reviews',
      );
      const said = reviews.flatMap(({ at: when, state, ...review }) =>
        review.body === '' || when === undefined || state === 'PENDING'
          ? []
          : [{ ...review, createdAt: when, updatedAt: when }],
      );
      return [...said, ...lines];
    },
    async addReview(number, { commit, body, comments }) {
      const route = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
      const order = { ...at, pull_number: number, commit_id: commit, event: 'COMMENT', body } as const;
      const add = async (some: typeof comments) => {
        const lines = some.map((comment) => ({ ...comment, side: 'RIGHT' }));
        const asked = octokit.request(route, { ...order, comments: lines });
        return String((await one(asked, idReply, 'a new review')).id);
      };
      return add(comments).catch((error: unknown) => {
        // For one line that the pull request does not show all of it is refused.
        if (comments.length > 0 && isFailure(error, 'forge_refused')) return add([]);
        throw error;
      });
    },
    async addReviewComment(number, commit, comment) {
      const route = 'POST /repos/{owner}/{repo}/pulls/{pull_number}/comments';
      const place = { commit_id: commit, side: 'RIGHT', ...comment } as const;
      await reply(octokit.request(route, { ...at, pull_number: number, ...place }));
    },
    async editReview(number, id, body) {
      const route = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}';
      await reply(octokit.request(route, { ...at, pull_number: number, review_id: Number(id), body }));
    },
    async editReviewComment(_number, id, body) {
      const route = 'PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}';
      await reply(octokit.request(route, { ...at, comment_id: Number(id), body }));
    },
  };
}
