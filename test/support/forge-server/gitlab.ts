/** The part of GitLab's REST API (v4) that the factory uses, answered as https://docs.gitlab.com/api tells. */

import {
  type ForgeAnswer,
  type ForgeAsk,
  findRoute,
  numberOf,
  ok,
  page,
  type Route,
  text,
} from './answer.ts';
import { issueView, jobView, noteView, pullView, statusView, user, web } from './gitlab-views.ts';
import { addMergeRequest, editNote, missing, pipelineOf, problem, threadOf } from './gitlab-writes.ts';
import type { ForgeCommentState, ForgeState } from './state.ts';

const routes: Route[] = [
  [
    'GET',
    /^$/,
    (state, ask) =>
      ok({
        ...{ id: state.id, path_with_namespace: state.repository, default_branch: state.defaultBranch },
        web_url: web(state, ask).replace(/\/-$/, ''),
        permissions: { project_access: { access_level: ask.token?.mayWrite ? 40 : 20 }, group_access: null },
      }),
  ],
  [
    'GET',
    /^\/issues$/,
    (state, ask) => {
      const [label, after] = [ask.query.get('labels'), ask.query.get('updated_after')];
      const found = state.issues
        .filter((each) => label === null || each.labels.includes(label))
        .filter((each) => after === null || each.updatedAt >= new Date(after))
        .toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
      return page(
        ask,
        found.map((each) => issueView(state, ask, each)),
      );
    },
  ],
  [
    'GET',
    /^\/issues\/(\d+)$/,
    (state, ask, [number]) => {
      const issue = state.issues.find((each) => each.number === numberOf(number));
      return issue === undefined ? missing('Issue') : ok(issueView(state, ask, issue));
    },
  ],
  [
    'GET',
    /^\/issues\/(\d+)\/resource_label_events$/,
    (state, ask, [number]) => {
      const issue = state.issues.find((each) => each.number === numberOf(number));
      const events = issue?.labelEvents.map(({ id, actor, label, action }) => ({
        ...{ id, action, user: user(actor), label: { id, name: label } },
      }));
      return events === undefined ? missing('Issue') : page(ask, events);
    },
  ],
  [
    'GET',
    /^\/(issues|merge_requests)\/(\d+)\/notes$/,
    (state, ask, [kind, number]) =>
      threadOf(state, kind, number) === undefined
        ? missing('Noteable')
        : page(ask, state.comments.filter((each) => each.number === numberOf(number)).map(noteView)),
  ],
  [
    'POST',
    /^\/(issues|merge_requests)\/(\d+)\/notes$/,
    (state, ask, [kind, number]) =>
      threadOf(state, kind, number) === undefined
        ? missing('Noteable')
        : ok(
            noteView(state.addComment(numberOf(number), ask.token?.user ?? '', text(ask.body['body']))),
            201,
          ),
  ],
  ['PUT', /^\/(?:issues|merge_requests)\/\d+\/notes\/(\d+)$/, (state, ask, [id]) => editNote(state, ask, id)],
  [
    'GET',
    /^\/merge_requests$/,
    (state, ask) => {
      const branch = ask.query.get('source_branch');
      const found = state.pulls.filter((each) => branch === null || each.branch === branch).toReversed();
      return page(
        ask,
        found.map((each) => pullView(state, ask, each)),
      );
    },
  ],
  ['POST', /^\/merge_requests$/, addMergeRequest],
  [
    'GET',
    /^\/merge_requests\/(\d+)$/,
    (state, ask, [number]) => {
      const pull = state.pulls.find((each) => each.number === numberOf(number));
      return pull === undefined ? missing('Merge Request') : ok(pullView(state, ask, pull));
    },
  ],
  [
    'PUT',
    /^\/merge_requests\/(\d+)$/,
    (state, ask, [number]) => {
      const pull = state.pulls.find((each) => each.number === numberOf(number));
      if (pull === undefined) return missing('Merge Request');
      if (typeof ask.body['title'] === 'string') pull.title = ask.body['title'];
      if (typeof ask.body['description'] === 'string') pull.body = ask.body['description'];
      return ok(pullView(state, ask, pull));
    },
  ],
  [
    'GET',
    /^\/merge_requests\/(\d+)\/versions$/,
    (state, _ask, [number]) => {
      const pull = state.pulls.find((each) => each.number === numberOf(number));
      const head = state.head(pull?.branch ?? '') ?? '';
      const base = state.head(pull?.base ?? '') ?? '';
      return ok([{ id: 1, head_commit_sha: head, base_commit_sha: base, start_commit_sha: base }]);
    },
  ],
  [
    'GET',
    /^\/merge_requests\/(\d+)\/discussions$/,
    (state, ask, [number]) => {
      const all = [...state.comments, ...state.lineComments].filter(
        (each) => each.number === numberOf(number),
      );
      return page(
        ask,
        all.map((each) => ({ id: String(each.id), individual_note: true, notes: [noteView(each)] })),
      );
    },
  ],
  [
    'POST',
    /^\/merge_requests\/(\d+)\/discussions$/,
    (state, ask, [number]) => {
      const position = (ask.body['position'] ?? {}) as {
        new_path?: string;
        new_line?: number;
        head_sha?: string;
      };
      if (position.head_sha === undefined) return problem(400, 'position is incomplete');
      const comment: ForgeCommentState = {
        ...{ id: state.nextId(), number: numberOf(number), author: ask.token?.user ?? '' },
        ...{ body: text(ask.body['body']), createdAt: new Date(), updatedAt: new Date() },
        ...(position.new_path === undefined ? {} : { path: position.new_path }),
        ...(position.new_line === undefined ? {} : { line: position.new_line }),
      };
      state.lineComments.push(comment);
      return ok({ id: String(comment.id), notes: [noteView(comment)] }, 201);
    },
  ],
  [
    'GET',
    /^\/pipelines$/,
    (state, ask) => {
      const sha = ask.query.get('sha');
      const { id, jobs } = pipelineOf(state, sha);
      return page(
        ask,
        jobs.length === 0 ? [] : [{ id, sha, ref: 'df/x', source: 'push', status: 'running' }],
      );
    },
  ],
  [
    'GET',
    /^\/pipelines\/(\d+)\/jobs$/,
    (state, ask, [id]) => {
      const first = state.checks.find((each) => each.id === numberOf(id) - 10_000);
      return page(ask, pipelineOf(state, first?.commit ?? null).jobs.map(jobView));
    },
  ],
  [
    'GET',
    /^\/repository\/merge_base$/,
    (state, ask) => {
      const [one = '', other = ''] = ask.query.getAll('refs[]');
      const id = state.mergeBase(one, other);
      return id === null ? missing('Merge base') : ok({ id });
    },
  ],
  [
    'GET',
    /^\/repository\/commits\/([0-9a-f]+)\/statuses$/,
    (state, ask, [commit]) =>
      page(ask, state.checks.filter((each) => each.commit === commit).map(statusView)),
  ],
  [
    'GET',
    /^\/jobs\/(\d+)\/trace$/,
    (state, _ask, [id]) => {
      const job = state.checks.find((each) => each.id === numberOf(id) && each.kind === 'run');
      return job === undefined ? missing('Job') : ok(job.log);
    },
  ],
];

export function answerAsGitLab(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  if (ask.token === null) return problem(401, '401 Unauthorized');
  if (ask.path === '/personal_access_tokens/self')
    return ok({ id: 1, active: true, scopes: ask.token.scopes });
  const [, project = '', rest = ''] = /^\/projects\/([^/]+)(.*)$/.exec(ask.path) ?? [];
  const name = decodeURIComponent(project);
  if (state.formerNames.includes(name)) {
    if (ask.method !== 'GET') return problem(405, 'Non GET methods are not allowed for moved projects');
    const query = ask.query.size === 0 ? '' : `?${ask.query}`;
    return {
      status: 301,
      body: '',
      headers: { location: `${ask.base}/projects/${state.id}${rest}${query}` },
    };
  }
  if (name !== state.repository && name !== String(state.id)) return missing('Project');
  if (ask.method !== 'GET' && !ask.token.scopes.includes('api')) {
    const description = 'The request requires higher privileges than provided by the access token.';
    return {
      status: 403,
      body: { error: 'insufficient_scope', error_description: description, scope: 'api' },
    };
  }
  if (ask.method !== 'GET' && !ask.token.mayWrite) return problem(403, '403 Forbidden');
  const below = { ...ask, path: rest, base: `${ask.base}/projects/${project}` };
  return findRoute(routes, state, below) ?? missing('Resource');
}
