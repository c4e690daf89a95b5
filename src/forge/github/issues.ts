import type { Forge } from '../../factory/ports.ts';
import { type GitHubApi, HUNDRED } from './api.ts';
import { commentReply, editorsReply, eventReply, issueReply } from './replies.ts';

const EDITORS = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    issue(number: $number) {
      lastEditedAt
      editor { __typename login }
      timelineItems(itemTypes: [RENAMED_TITLE_EVENT], last: 1) {
        nodes { ... on RenamedTitleEvent { actor { __typename login } } }
      }
    }
  }
}`;

export function issuesOf({
  octokit,
  at,
  one,
  list,
  graphql,
  read,
}: GitHubApi): Pick<Forge, 'issues' | 'issue' | 'labelledBy' | 'editors'> {
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
    async editors(number) {
      const data = await graphql(EDITORS, { ...at, number }, 'the editors of an issue');
      return read(editorsReply, 'the editors of an issue', data);
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
