import type { Forge } from '../../factory/ports.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { ForgeHttp } from '../http.ts';
import { type GitLabApi, openGitLabApi } from './api.ts';
import { checksOf } from './checks.ts';
import { commentsOf, issuesOf } from './issues.ts';
import { pullsOf } from './pulls.ts';
import { memberReply, tokenReply } from './replies.ts';
import { reviewsOf } from './reviews.ts';

/** From this level on GitLab lets somebody push and open merge requests. */
const DEVELOPER = 30;

/** A repository at GitLab, by its REST API. */
export function createGitLab(name: string, repository: string, url: string, http: ForgeHttp): Forge {
  const api = openGitLabApi(name, repository, url, http);
  return {
    async look() {
      const found = await api.look();
      const { project_access: own, group_access: group } = found.permissions ?? {};
      const told = Math.max(own?.access_level ?? 0, group?.access_level ?? 0);
      const level = told > 0 || found.permissions === undefined ? told : await levelOf(api);
      return {
        ...{ name: found.path_with_namespace, url: found.web_url },
        lacks:
          found.permissions !== undefined && level < DEVELOPER
            ? 'it is nobody who may push there (a developer, or more)'
            : await lackOfScope(api),
      };
    },
    ...issuesOf(api),
    ...commentsOf(api),
    ...pullsOf(api),
    ...checksOf(api),
    ...reviewsOf(api),
  };
}

/** The project does not tell of somebody who may what a group may that was invited: the list of its members does. */
async function levelOf({ at, one }: GitLabApi): Promise<number> {
  const { id, is_admin: isAdmin } = await one('/user', memberReply, 'the user');
  if (isAdmin) return DEVELOPER;
  const asked = one(await at(`/members/all/${id}`), memberReply, 'the member');
  return (
    (await asked.catch(expecting((error) => isFailure(error, 'forge_not_found'), null)))?.access_level ?? 0
  );
}

/** The project says what somebody may do, not what the token was made for. Tokens of a kind that cannot be asked count as enough. */
async function lackOfScope({ one }: GitLabApi): Promise<string | null> {
  const asked = one('/personal_access_tokens/self', tokenReply, 'the token');
  const found = await asked.catch(expecting(isFailure, null));
  if (found === null || found.scopes.includes('api')) return null;
  return `it has the scopes ${found.scopes.join(', ')} and lacks api`;
}
