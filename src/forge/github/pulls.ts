import type * as z from 'zod';
import type { Forge, ForgePull, NewPull } from '../../factory/ports.ts';
import { DarkFactoryError, isFailure } from '../../lib/failure.ts';
import { type GitHubApi, HUNDRED } from './api.ts';
import { pullReply } from './replies.ts';

const without = ({ node: _, isFork: _fork, ...pull }: z.output<typeof pullReply>): ForgePull => pull;

export function pullsOf(api: GitHubApi): Pick<Forge, 'pullsOf' | 'pull' | 'addPull' | 'editPull'> {
  const { octokit, at, one, list } = api;
  return {
    async pullsOf(branch) {
      const query = { ...at, ...HUNDRED, head: `${at.owner}:${branch}`, state: 'all' } as const;
      const route = 'GET /repos/{owner}/{repo}/pulls';
      const found = await list(() => octokit.request(route, query), pullReply, 'the pull requests');
      // GitHub passes over a head that it does not understand, and lists them all; a fork of the same owner has a branch of the same name.
      return found.filter((pull) => pull.branch === branch && !pull.isFork).map(without);
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
      return one(asked, pullReply, 'a new pull request').then(without, (error: unknown) => {
        if (!(pull.draft && isFailure(error, 'forge_refused') && /draft pull requests/i.test(error.message)))
          throw error;
        throw new DarkFactoryError(
          'failed',
          'draft_unsupported',
          `${at.owner}/${at.repo} takes no drafts, which not every plan of GitHub's does: ${error.message}`,
          `The branch ${branch} is there, and no pull request was made of it. Publish it without --draft (publish.auto: ready); what is not proved can be a draft alone.`,
        );
      });
    },
    editPull: (pull, change) => editPull(api, pull, change),
  };
}

async function editPull(
  { octokit, at, one, graphql }: GitHubApi,
  pull: ForgePull,
  { title, body, draft }: Pick<NewPull, 'title' | 'body' | 'draft'>,
) {
  const asked = octokit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
    ...{ ...at, pull_number: pull.number, title, body },
  });
  const edited = await one(asked, pullReply, 'an edited pull request');
  if (edited.draft === draft) return without(edited);
  const mutation = draft ? 'convertPullRequestToDraft' : 'markPullRequestReadyForReview';
  const query = `mutation ($id: ID!) { ${mutation}(input: { pullRequestId: $id }) { clientMutationId } }`;
  await graphql(query, { id: edited.node }, mutation);
  return { ...without(edited), draft };
}
