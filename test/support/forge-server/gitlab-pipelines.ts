/** Pipelines, jobs and statuses of GitLab's REST API. */
import { type ForgeAnswer, type ForgeAsk, numberOf, ok, page, type Route } from './answer.ts';
import { jobView, statusView } from './gitlab-views.ts';
import { missing } from './gitlab-writes.ts';
import type { ForgePipelineState, ForgeState } from './state.ts';

/** All of them: those that were added, and one for each commit that has jobs; its number is that of the first of them. */
function pipelinesOf(state: ForgeState): ForgePipelineState[] {
  const commits = new Set(state.checks.filter(({ kind }) => kind === 'run').map(({ commit }) => commit));
  const made = [...commits].map((sha) => {
    const jobs = state.checks.filter((each) => each.commit === sha && each.kind === 'run');
    const is = (wanted: string) => jobs.some((job) => job.state === wanted);
    const status = is('pending') ? 'running' : is('failure') ? 'failed' : 'success';
    return { id: 10_000 + (jobs[0]?.id ?? 0), sha, ref: 'df/x', source: 'push', status, jobs, bridges: [] };
  });
  return [...made, ...state.pipelines];
}

const view = ({ id, sha, ref, source, status }: ForgePipelineState) => ({
  ...{ id, iid: id, project_id: 4711, sha, ref, source, status },
  web_url: `https://example.org/-/pipelines/${id}`,
});

/** A single one tells more. */
const wholeView = (pipeline: ForgePipelineState) => ({
  ...view(pipeline),
  yaml_errors: pipeline.yamlErrors ?? null,
});

export function headPipeline(state: ForgeState, number: number, commit: string | null) {
  const all = pipelinesOf(state);
  const head = all.findLast((each) => each.headOf === number) ?? all.findLast((each) => each.sha === commit);
  return { head_pipeline: head === undefined ? null : wholeView(head) };
}

const withPipeline = (
  answer: (ask: ForgeAsk, found: ForgePipelineState, state: ForgeState) => ForgeAnswer,
): Route[2] => {
  return (state, ask, [id]) => {
    const found = pipelinesOf(state).find((each) => each.id === numberOf(id));
    return found === undefined ? missing('Pipeline') : answer(ask, found, state);
  };
};

export const pipelineRoutes: Route[] = [
  [
    'GET',
    /^\/pipelines$/,
    (state, ask) => {
      const source = ask.query.get('source');
      const found = pipelinesOf(state)
        .filter(({ sha }) => sha === ask.query.get('sha'))
        // Those that another one has started only when they are asked for.
        .filter((each) => (source === null ? each.source !== 'parent_pipeline' : each.source === source));
      return page(ask, found.toSorted((a, b) => b.id - a.id).map(view));
    },
  ],
  ['GET', /^\/pipelines\/(\d+)$/, withPipeline((_, found) => ok(wholeView(found)))],
  ['GET', /^\/pipelines\/(\d+)\/jobs$/, withPipeline((ask, { jobs }) => page(ask, jobs.map(jobView)))],
  [
    'GET',
    /^\/pipelines\/(\d+)\/bridges$/,
    withPipeline((ask, { bridges }, state) =>
      page(
        ask,
        bridges.map(({ name, status, started }, index) => {
          const found = pipelinesOf(state).find(({ id }) => id === started);
          return {
            id: 30_000 + index,
            name,
            status,
            allow_failure: false,
            downstream_pipeline: found ? view(found) : null,
          };
        }),
      ),
    ),
  ],
  [
    'GET',
    /^\/repository\/commits\/([0-9a-f]+)$/,
    (state, _ask, [sha]) => {
      const { parents } = state.pipelines.find((each) => each.sha === sha) ?? {};
      return parents === undefined ? missing('Commit') : ok({ id: sha, parent_ids: parents });
    },
  ],
  [
    'GET',
    /^\/repository\/commits\/([0-9a-f]+)\/statuses$/,
    (state, ask, [commit]) => {
      const jobs = pipelinesOf(state).flatMap(({ id, sha, jobs: its }) =>
        sha === commit ? its.map((job) => statusView(job, id)) : [],
      );
      const outside = state.checks.filter((each) => each.commit === commit && each.kind === 'status');
      const newest = pipelinesOf(state).findLast(({ sha }) => sha === commit)?.id ?? 0;
      return page(ask, [...jobs, ...outside.map((each) => statusView(each, each.pipeline ?? newest))]);
    },
  ],
  [
    'GET',
    /^\/jobs\/(\d+)\/trace$/,
    (state, _ask, [id]) => {
      const job = pipelinesOf(state)
        .flatMap(({ jobs }) => jobs)
        .find((each) => each.id === numberOf(id));
      return job === undefined ? missing('Job') : ok(job.log);
    },
  ],
];
