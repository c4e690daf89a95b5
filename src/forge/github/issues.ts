import type { Forge } from '../../factory/ports.ts';
import { type GitHubApi, HUNDRED } from './api.ts';
import { commentReply, eventReply, issueReply } from './replies.ts';

export function issuesOf({
  octokit,
  at,
  one,
  list,
}: GitHubApi): Pick<Forge, 'issues' | 'issue' | 'labelledBy'> {
  return {
    async issues(label, since) {
      const query = { ...at, ...HUNDRED, labels: label, state: 'all', sort: 'updated' } as const;
      const more = since === undefined ? {} : { since: since.toISOString() };
      const found = await list(
        () => octokit.request('GET /repos/{owner}/{repo}/issues', { ...query, ...more }),
        issueReply,
        'the issues',
      );
      return found.filter(({ isPull }) => !isPull).map(({ isPull: _, ...issue }) => issue);
    },
    async issue(number) {
      const asked = octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}', {
        ...at,
        issue_number: number,
      });
      const { isPull: _, ...issue } = await one(asked, issueReply, 'the issue');
      return issue;
    },
    async labelledBy(number, label) {
      const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/events';
      const events = await list(
        () => octokit.request(route, { ...at, ...HUNDRED, issue_number: number }),
        eventReply,
        'the events of an issue',
      );
      // Labels are the same in any case here.
      const isIt = (name?: string) => name?.toLowerCase() === label.toLowerCase();
      const last = events.findLast((each) => isIt(each.label?.name) && /^(un)?labeled$/.test(each.event));
      return last?.event === 'labeled' ? last.actor : null;
    },
  };
}

export function commentsOf({
  octokit,
  at,
  one,
  list,
  reply,
}: GitHubApi): Pick<Forge, 'comments' | 'addComment' | 'editComment'> {
  return {
    comments: ({ number }) =>
      list(
        () =>
          octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
            ...{ ...at, ...HUNDRED, issue_number: number },
          }),
        commentReply,
        'the comments',
      ),
    addComment: ({ number }, body) =>
      one(
        octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...{ ...at, issue_number: number, body },
        }),
        commentReply,
        'a new comment',
      ),
    async editComment(_thread, id, body) {
      const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
      await reply(octokit.request(route, { ...at, comment_id: Number(id), body }));
    },
  };
}
