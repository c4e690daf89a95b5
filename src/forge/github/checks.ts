import type { Forge } from '../../factory/ports.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import { type GitHubApi, HUNDRED } from './api.ts';
import { checkRunsReply, comparisonReply, statusesReply } from './replies.ts';

export function checksOf({
  octokit,
  http,
  url,
  at,
  one,
  pages,
  read,
}: GitHubApi): Pick<Forge, 'fork' | 'checks' | 'checkLog'> {
  return {
    async fork(base, head) {
      const route = 'GET /repos/{owner}/{repo}/compare/{basehead}';
      const asked = octokit.request(route, { ...at, basehead: `${base}...${head}`, per_page: 1 });
      const found = await one(asked, comparisonReply, 'a comparison').catch(
        expecting((error) => isFailure(error, 'forge_not_found'), null),
      );
      return found?.merge_base_commit.sha ?? null;
    },
    async checks({ commit }) {
      const ref = { ...at, ...HUNDRED, ref: commit };
      const runs = await pages(
        () => octokit.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', ref),
        (data) => read(checkRunsReply, 'the check runs', data).check_runs,
      );
      const statuses = await pages(
        () => octokit.request('GET /repos/{owner}/{repo}/commits/{ref}/status', ref),
        (data) => read(statusesReply, 'the commit statuses', data).statuses,
      );
      return [...runs, ...statuses];
    },
    async checkLog(check, mostBytes) {
      if (check.log === undefined) return (check.summary ?? '').slice(-mostBytes);
      return http.tail(`${url}/repos/${at.owner}/${at.repo}/actions/jobs/${check.log}/logs`, mostBytes);
    },
  };
}
