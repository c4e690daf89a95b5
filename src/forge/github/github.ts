import { Octokit } from '@octokit/core';
import * as z from 'zod';
import type { Forge, ForgePull, NewPull } from '../../factory/ports.ts';
import { DarkFactoryError } from '../../lib/failure.ts';
import {
  checkRunsReply,
  commentReply,
  eventReply,
  idReply,
  issueReply,
  lineCommentReply,
  pullReply,
  repositoryReply,
  reviewReply,
  statusesReply,
} from './replies.ts';
import type { ForgeHttp } from '../http.ts';
import { allPages, createReader, type Page } from '../pages.ts';
import { statusProblem } from '../problems.ts';

interface Reply {
  data: unknown;
  headers: { link?: string | undefined; 'x-oauth-scopes'?: unknown };
}

/** A repository at GitHub, or at a server of GitHub's in a company. */
export function createGitHub(name: string, repository: string, url: string, http: ForgeHttp): Forge {
  const octokit = new Octokit({
    baseUrl: url.replace(/\/$/, ''),
    request: { fetch: http.fetch },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  const [owner = '', repo = ''] = repository.split('/');
  const at = { owner, repo };
  const hundred = { per_page: 100 };
  const read = createReader(name);

  /** octokit wraps what its `fetch` throws. */
  const reply = async (asked: Promise<Reply>): Promise<Reply> => {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof Error && error.cause instanceof DarkFactoryError) throw error.cause;
      throw error;
    }
  };
  const one = async <T>(asked: Promise<Reply>, schema: z.ZodType<T>, what: string): Promise<T> =>
    read(schema, what, (await reply(asked)).data);
  const list = <T>(first: () => Promise<Reply>, schema: z.ZodType<T>, what: string): Promise<T[]> =>
    allPages(
      async (address): Promise<Page> => {
        const { data, headers } = await reply(
          address === undefined ? first() : octokit.request(`GET ${address}`),
        );
        return { data, link: headers.link };
      },
      (data) => read(z.array(schema), what, data),
    );
  const without = ({ node: _, ...pull }: z.output<typeof pullReply>): ForgePull => pull;

  return {
    async look() {
      const { data, headers } = await reply(octokit.request('GET /repos/{owner}/{repo}', at));
      const found = read(repositoryReply, 'the repository', data);
      return {
        name: found.full_name,
        url: found.html_url,
        defaultBranch: found.default_branch,
        lacks: lackOf(found, headers['x-oauth-scopes']),
      };
    },
    async issues(label, since) {
      const query = { ...at, ...hundred, labels: label, state: 'all', sort: 'updated' } as const;
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
        () => octokit.request(route, { ...at, ...hundred, issue_number: number }),
        eventReply,
        'the events of an issue',
      );
      const last = events.findLast((each) => each.label?.name === label && /^(un)?labeled$/.test(each.event));
      return last?.event === 'labeled' ? last.actor : null;
    },
    comments: ({ number }) =>
      list(
        () =>
          octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
            ...{ ...at, ...hundred, issue_number: number },
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
    async pullsOf(branch) {
      const query = { ...at, ...hundred, head: `${owner}:${branch}`, state: 'all' } as const;
      const route = 'GET /repos/{owner}/{repo}/pulls';
      const found = await list(() => octokit.request(route, query), pullReply, 'the pull requests');
      // GitHub passes over a head that it does not understand, and lists them all.
      return found.filter((pull) => pull.branch === branch).map(without);
    },
    async pull(number) {
      const asked = octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
        ...at,
        pull_number: number,
      });
      return without(await one(asked, pullReply, 'the pull request'));
    },
    async addPull({ branch, ...pull }) {
      const asked = octokit.request('POST /repos/{owner}/{repo}/pulls', { ...at, ...pull, head: branch });
      return without(await one(asked, pullReply, 'a new pull request'));
    },
    editPull: (pull, change) => editPull(pull, change),
    async checks(commit) {
      const ref = { ...at, ...hundred, ref: commit };
      const runs = await allPages(
        async (address): Promise<Page> => {
          const first = () => octokit.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', ref);
          const { data, headers } = await reply(
            address === undefined ? first() : octokit.request(`GET ${address}`),
          );
          return { data, link: headers.link };
        },
        (data) => read(checkRunsReply, 'the check runs', data).check_runs,
      );
      const asked = octokit.request('GET /repos/{owner}/{repo}/commits/{ref}/status', ref);
      return [...runs, ...(await one(asked, statusesReply, 'the commit statuses')).statuses];
    },
    async checkLog(check, mostBytes) {
      if (check.log === undefined) return (check.summary ?? '').slice(-mostBytes);
      return http.tail(
        `${url.replace(/\/$/, '')}/repos/${owner}/${repo}/actions/jobs/${check.log}/logs`,
        mostBytes,
      );
    },
    async reviewComments(number) {
      const whose = { ...at, ...hundred, pull_number: number };
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
      const asked = octokit.request('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
        ...{ ...at, pull_number: number, commit_id: commit, event: 'COMMENT', body },
        comments: comments.map((comment) => ({ ...comment, side: 'RIGHT' })),
      });
      return String((await one(asked, idReply, 'a new review')).id);
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

  async function editPull(
    pull: ForgePull,
    { title, body, draft }: Pick<NewPull, 'title' | 'body' | 'draft'>,
  ) {
    const asked = octokit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
      ...{ ...at, pull_number: pull.number, title, body },
    });
    const edited = await one(asked, pullReply, 'an edited pull request');
    if (edited.draft === draft) return without(edited);
    // The one thing that only the other API of GitHub can do.
    const mutation = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
    const query = `mutation ($id: ID!) { ${mutation}(input: { pullRequestId: $id }) { clientMutationId } }`;
    try {
      await octokit.graphql(query, { id: edited.node });
    } catch (error) {
      if (error instanceof Error && error.cause instanceof DarkFactoryError) throw error.cause;
      const said = error instanceof Error ? error.message : String(error);
      throw statusProblem(
        name,
        new Response(null, { status: 422 }),
        JSON.stringify({ message: said }),
        mutation,
      );
    }
    return { ...without(edited), draft };
  }
}

/** Of a fine-grained token GitHub says no scopes; of those of the older kind it does. */
function lackOf(found: z.output<typeof repositoryReply>, scopes: unknown): string | null {
  if (found.permissions?.push === false) return 'it may read the repository and not write to it';
  if (typeof scopes !== 'string' || scopes.trim() === '') return null;
  const given = scopes.split(',').map((each) => each.trim());
  const enough = given.includes('repo') || (!found.private && given.includes('public_repo'));
  return enough ? null : `it has the scopes ${given.join(', ')} and lacks repo`;
}
