import type { Forge, ForgeCheck, ForgePull } from '../../factory/ports.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import type { GitLabApi } from './api.ts';
import {
  bridgeReply,
  commitStatusReply,
  headPipelineReply,
  jobReply,
  type Pipeline,
  parentsReply,
  pipelineReply,
} from './check-replies.ts';
import { mergeBaseReply } from './replies.ts';

export function checksOf(api: GitLabApi): Pick<Forge, 'fork' | 'checks' | 'checkLog'> {
  const { at, http, address, list, one } = api;
  return {
    async fork(base, head) {
      const query = new URLSearchParams([
        ['refs[]', base],
        ['refs[]', head],
      ]);
      const path = await at('/repository/merge_base');
      // One that is not there is refused, and no common one is not found.
      const isNone = (error: unknown) =>
        isFailure(error, 'forge_not_found') || isFailure(error, 'forge_refused');
      const found = await one(`${path}?${query}`, mergeBaseReply, 'a merge base').catch(
        expecting(isNone, null),
      );
      return found?.id ?? null;
    },
    async checks(pull) {
      const pipelines = await pipelinesOf(api, pull);
      const path = await at(`/repository/commits/${pull.commit}/statuses`);
      const statuses = await list(path, {}, commitStatusReply, 'the commit statuses');
      const jobs = new Map<Pipeline, ForgeCheck[]>();
      for (const each of pipelines) jobs.set(each, await jobsOf(api, each.id));
      const own = [...jobs.values()].flat();
      const [ids, names] = [new Set(own.map(({ id }) => id)), new Set(own.map(({ name }) => name))];
      // Jobs stand among the statuses as well, also those of pipelines that newer ones have replaced.
      const outside = statuses.filter(
        ({ jobId, name, pipelineId }) =>
          !ids.has(`job/${jobId}`) &&
          (pipelineId === undefined ? !names.has(name) : pipelines.some(({ id }) => id === pipelineId)),
      );
      const others: ForgeCheck[] = [];
      for (const each of pipelines) {
        const more = outside.filter(({ pipelineId }) => pipelineId === undefined || pipelineId === each.id);
        others.push(...(await unexplained(api, each, jobs.get(each) ?? [], more)));
      }
      return [...own, ...outside.map(({ jobId: _, pipelineId: _id, ...check }) => check), ...others];
    },
    async checkLog(check, mostBytes) {
      if (check.log === undefined) return (check.summary ?? '').slice(-mostBytes);
      return http.tail(address(await at(`/jobs/${check.log}/trace`)), mostBytes);
    },
  };
}

async function jobsOf({ at, list }: GitLabApi, pipeline: number): Promise<ForgeCheck[]> {
  return list(await at(`/pipelines/${pipeline}/jobs`), {}, jobReply, 'the jobs of a pipeline');
}

/** Those of the commit, and that of the merge request where it runs on what comes of merging the commit. */
async function pipelinesOf(
  { at, list, one }: GitLabApi,
  { number, commit }: Pick<ForgePull, 'number' | 'commit'>,
): Promise<Pipeline[]> {
  const found = await list(await at('/pipelines'), { sha: commit }, pipelineReply, 'the pipelines');
  const path = await at(`/merge_requests/${number}`);
  const { head_pipeline: head } = await one(path, headPipelineReply, 'the merge request');
  if (head && head.sha !== commit) {
    const merged = one(await at(`/repository/commits/${head.sha}`), parentsReply, 'a commit');
    const gone = expecting((error) => isFailure(error, 'forge_not_found'), { parent_ids: [] as string[] });
    if ((await merged.catch(gone)).parent_ids.includes(commit)) found.push(head);
  }
  // The newest one counts of those that the same cause has made for the same ref.
  const sorted = found.toSorted((a, b) => a.id - b.id);
  return [...new Map(sorted.map((each) => [`${each.source} ${each.ref}`, each])).values()];
}

/** What a pipeline is where none of its jobs says so: one that it has started failed, or its configuration is faulty and it has no jobs. */
async function unexplained(
  api: GitLabApi,
  { id, state, source, web_url: url }: Pipeline,
  jobs: readonly ForgeCheck[],
  outside: readonly ForgeCheck[],
): Promise<ForgeCheck[]> {
  const isSame = (check: ForgeCheck) => check.state === state;
  if (state === 'passed' || jobs.some(isSame)) return [];
  const below = state === 'failed' ? await failedBelow(api, id) : [];
  if (below.length > 0 || outside.some(isSame)) return below;
  const { at, one } = api;
  const { yaml_errors: summary } = await one(await at(`/pipelines/${id}`), pipelineReply, 'a pipeline');
  const what = { id: `pipeline/${id}`, name: `pipeline (${source})`, state };
  return [{ ...what, ...(url === '' ? {} : { url }), ...(summary === '' ? {} : { summary }) }];
}

/** Jobs that failed in pipelines of this project which a pipeline has started. */
async function failedBelow(api: GitLabApi, pipeline: number): Promise<ForgeCheck[]> {
  const { at, list } = api;
  const path = await at(`/pipelines/${pipeline}/bridges`);
  const found: ForgeCheck[] = [];
  const bridges = await list(path, {}, bridgeReply, 'the bridges of a pipeline');
  for (const { name, allow_failure: mayFail, downstream_pipeline: started } of bridges) {
    if (mayFail || started?.status !== 'failed' || (await at('')) !== `/projects/${started.project_id}`)
      continue;
    const jobs = (await jobsOf(api, started.id)).filter(({ state }) => state === 'failed');
    found.push(...jobs.map((job) => ({ ...job, name: `${name}: ${job.name}` })));
  }
  return found;
}
