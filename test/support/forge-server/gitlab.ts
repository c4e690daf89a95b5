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
import { diffsOf } from './diffs.ts';
import { headPipeline, pipelineRoutes } from './gitlab-pipelines.ts';
import { editNotes, issueView, noteView, pullView, user, web } from './gitlab-views.ts';
import { addDiscussion, addMergeRequest, editNote, missing, problem, threadOf } from './gitlab-writes.ts';
import type { ForgeState } from './state.ts';

const routes: Route[] = [
  [
    'GET',
    /^$/,
    (state, ask) =>
      ok({
        ...{ id: state.id, path_with_namespace: state.repository, default_branch: state.defaultBranch },
        web_url: web(state, ask).replace(/\/-$/, ''),
        permissions: {
          project_access: ask.token?.invited === true ? null : { access_level: levelOf(ask) },
          group_access: null,
        },
      }),
  ],
  [
    'GET',
    /^\/members\/all\/(\d+)$/,
    (_, ask, [id]) =>
      numberOf(id) === user(ask.token?.user ?? '').id
        ? ok({ ...user(ask.token?.user ?? ''), access_level: levelOf(ask) })
        : missing('Member'),
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
    (state, ask, [kind, number]) => {
      if (threadOf(state, kind, number) === undefined) return missing('Noteable');
      const issue = state.issues.find((each) => kind === 'issues' && each.number === numberOf(number));
      const said = state.comments.filter((each) => each.number === numberOf(number)).map(noteView);
      const notes = [...said, ...(issue?.edits ?? []).flatMap(editNotes)].toSorted((a, b) => a.id - b.id);
      return page(ask, ask.query.get('sort') === 'asc' ? notes : notes.toReversed());
    },
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
      if (pull === undefined) return missing('Merge Request');
      const head = headPipeline(state, pull.number, state.head(pull.branch));
      return ok({ ...pullView(state, ask, pull), ...head });
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
    /^\/merge_requests\/(\d+)\/versions(\/\d+)?$/,
    (state, _ask, [number, single]) => {
      const pull = state.pulls.find((each) => each.number === numberOf(number));
      if (pull === undefined) return missing('Merge Request');
      const [head, start] = [state.head(pull.branch) ?? '', state.head(pull.base) ?? ''];
      const base = state.mergeBase(pull.base, pull.branch) ?? '';
      const version = { id: 1, head_commit_sha: head, base_commit_sha: base, start_commit_sha: start };
      return ok(single === '' ? [version] : { ...version, diffs: diffsOf(state, pull) });
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
    (state, ask, [number]) => addDiscussion(state, ask, numberOf(number)),
  ],
  ...pipelineRoutes,
  [
    'GET',
    /^\/repository\/merge_base$/,
    (state, ask) => {
      const [one = '', other = ''] = ask.query.getAll('refs[]');
      const unknown = [one, other].filter((each) => state.commit(each) === null);
      if (unknown.length > 0) return problem(400, `Could not find ref: ${unknown.join(', ')}`);
      const id = state.mergeBase(one, other);
      return id === null ? missing('Merge Base') : ok({ id });
    },
  ],
];

const levelOf = ({ token }: ForgeAsk) => (token?.mayWrite ? 40 : 20);

export function answerAsGitLab(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  if (ask.token === null) return problem(401, '401 Unauthorized');
  if (ask.path === '/user') return ok({ ...user(ask.token.user), is_admin: false });
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
