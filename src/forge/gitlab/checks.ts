import type { Forge } from '../../factory/ports.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { GitLabApi } from './api.ts';
import { commitStatusReply, jobReply, mergeBaseReply, pipelineReply } from './replies.ts';

export function checksOf({
  at,
  http,
  address,
  list,
  one,
}: GitLabApi): Pick<Forge, 'fork' | 'checks' | 'checkLog'> {
  return {
    async fork(base, head) {
      const query = new URLSearchParams([
        ['refs[]', base],
        ['refs[]', head],
      ]);
      const path = await at('/repository/merge_base');
      const found = await one(`${path}?${query}`, mergeBaseReply, 'a merge base').catch(
        expecting((error) => isFailure(error, 'forge_not_found'), null),
      );
      return found?.id ?? null;
    },
    async checks(commit) {
      const pipelines = await list(await at('/pipelines'), { sha: commit }, pipelineReply, 'the pipelines');
      // The newest one counts of those that the same cause has made for the same ref.
      const newest = new Map(
        pipelines.toSorted((a, b) => a.id - b.id).map((each) => [`${each.source} ${each.ref}`, each.id]),
      );
      const jobs = [];
      for (const id of newest.values())
        jobs.push(...(await list(await at(`/pipelines/${id}/jobs`), {}, jobReply, 'the jobs of a pipeline')));
      const path = await at(`/repository/commits/${commit}/statuses`);
      const others = await list(path, {}, commitStatusReply, 'the commit statuses');
      const known = new Set(jobs.map(({ jobId }) => jobId));
      const names = new Set(jobs.map(({ name: job }) => job));
      const outside = others.filter((each) => !known.has(each.jobId) && !names.has(each.name));
      return [...jobs, ...outside].map(({ jobId: _, ...check }) => check);
    },
    async checkLog(check, mostBytes) {
      if (check.log === undefined) return (check.summary ?? '').slice(-mostBytes);
      return http.tail(address(await at(`/jobs/${check.log}/trace`)), mostBytes);
    },
  };
}
