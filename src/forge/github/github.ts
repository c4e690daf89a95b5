import type * as z from 'zod';
import type { Forge } from '../../factory/ports.ts';
import type { ForgeHttp } from '../http.ts';
import { openGitHubApi } from './api.ts';
import { checksOf } from './checks.ts';
import { commentsOf, issuesOf } from './issues.ts';
import { pullsOf } from './pulls.ts';
import { repositoryReply } from './replies.ts';
import { reviewsOf } from './reviews.ts';

/** A repository at GitHub, or at a server of GitHub's in a company. */
export function createGitHub(name: string, repository: string, url: string, http: ForgeHttp): Forge {
  const api = openGitHubApi(name, repository, url, http);
  const { octokit, at, reply, read } = api;
  return {
    async look() {
      const { data, headers } = await reply(octokit.request('GET /repos/{owner}/{repo}', at));
      const found = read(repositoryReply, 'the repository', data);
      return {
        ...{ name: found.full_name, url: found.html_url },
        lacks: lackOf(found, headers['x-oauth-scopes']),
      };
    },
    ...issuesOf(api),
    ...commentsOf(api),
    ...pullsOf(api),
    ...checksOf(api),
    ...reviewsOf(api),
  };
}

/** Of a fine-grained token GitHub says no scopes; of those of the older kind it does. */
function lackOf(found: z.output<typeof repositoryReply>, scopes: unknown): string | null {
  if (found.permissions?.push === false) return 'it may read the repository and not write to it';
  if (typeof scopes !== 'string' || scopes.trim() === '') return null;
  const given = scopes.split(',').map((each) => each.trim());
  const enough = given.includes('repo') || (!found.private && given.includes('public_repo'));
  return enough ? null : `it has the scopes ${given.join(', ')} and lacks repo`;
}
