/** The part of GitHub's REST API that the factory uses, answered as https://docs.github.com/rest tells. */

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
import { commentView, issueView, pullView, runView, user, web } from './github-views.ts';
import {
  addLineComment,
  addPull,
  addReview,
  editComment,
  graphql,
  missing,
  problem,
} from './github-writes.ts';
import type { ForgePullState, ForgeState } from './state.ts';

const refused = () => problem(403, 'Resource not accessible by personal access token');
const withPull = (
  answer: (state: ForgeState, ask: ForgeAsk, pull: ForgePullState) => ForgeAnswer,
): Route[2] => {
  return (state, ask, [number]) => {
    const pull = state.pulls.find((each) => each.number === numberOf(number));
    return pull === undefined ? missing() : answer(state, ask, pull);
  };
};

const routesOf = (state: ForgeState): Route[] => [
  [
    'GET',
    /^$/,
    (_, ask) =>
      ok({
        ...{ id: state.id, full_name: state.repository, private: state.isPrivate },
        ...{ html_url: web(state, ask), default_branch: state.defaultBranch },
        permissions: { pull: true, push: ask.token?.mayWrite === true, admin: false },
      }),
  ],
  [
    'GET',
    /^\/issues$/,
    (_, ask) => {
      const [label, since] = [ask.query.get('labels'), ask.query.get('since')];
      const found = state.issues
        .filter((each) => label === null || each.labels.includes(label))
        .filter((each) => since === null || each.updatedAt >= new Date(since))
        .filter((each) => ask.query.get('state') === 'all' || each.state === 'open')
        .toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
      const pulls = state.pulls.map((pull) => ({
        ...issueView(state, ask, {
          ...pull,
          labels: [],
          createdAt: new Date(0),
          updatedAt: new Date(0),
          labelEvents: [],
          edits: [],
          state: 'open',
        }),
        pull_request: { url: '' },
      }));
      return page(ask, [
        ...found.map((each) => issueView(state, ask, each)),
        ...(label === null ? pulls : []),
      ]);
    },
  ],
  [
    'GET',
    /^\/issues\/(\d+)$/,
    (_, ask, [number]) => {
      const issue = state.issues.find((each) => each.number === numberOf(number));
      return issue === undefined ? missing() : ok(issueView(state, ask, issue));
    },
  ],
  [
    'GET',
    /^\/issues\/(\d+)\/events$/,
    (_, ask, [number]) => {
      const issue = state.issues.find((each) => each.number === numberOf(number));
      const events = issue?.labelEvents.map(({ id, actor, label, action }) => ({
        ...{ id, actor: user(actor), label: { name: label } },
        event: action === 'add' ? 'labeled' : 'unlabeled',
      }));
      return events === undefined ? missing() : page(ask, events);
    },
  ],
  [
    'GET',
    /^\/issues\/(\d+)\/comments$/,
    (_, ask, [number]) =>
      page(
        ask,
        state.comments
          .filter((each) => each.number === numberOf(number))
          .map((each) => commentView(state, ask, each)),
      ),
  ],
  [
    'POST',
    /^\/issues\/(\d+)\/comments$/,
    (_, ask, [number]) => {
      const author = ask.token?.user ?? '';
      return ok(
        commentView(state, ask, state.addComment(numberOf(number), author, text(ask.body['body']))),
        201,
      );
    },
  ],
  ['PATCH', /^\/issues\/comments\/(\d+)$/, editComment(state.comments)],
  [
    'GET',
    /^\/pulls$/,
    (_, ask) => {
      const head = ask.query.get('head')?.replace(/^[^:]*:/, '');
      const found = state.pulls
        .filter((each) => head === undefined || each.branch === head)
        // Those of forks of the same owner, whose branches have the same owner before their names.
        .filter((each) => ask.query.get('state') === 'all' || each.state === 'open');
      return page(
        ask,
        found.toReversed().map((each) => pullView(state, ask, each)),
      );
    },
  ],
  ['POST', /^\/pulls$/, addPull],
  ['GET', /^\/pulls\/(\d+)$/, withPull((_, ask, pull) => ok(pullView(state, ask, pull)))],
  [
    'PATCH',
    /^\/pulls\/(\d+)$/,
    withPull((_, ask, pull) => {
      for (const name of ['title', 'body'] as const)
        if (typeof ask.body[name] === 'string') pull[name] = text(ask.body[name]);
      return ok(pullView(state, ask, pull));
    }),
  ],
  [
    'GET',
    /^\/pulls\/(\d+)\/comments$/,
    (_, ask, [number]) =>
      page(
        ask,
        state.lineComments
          .filter((each) => each.number === numberOf(number))
          .map((each) => commentView(state, ask, each)),
      ),
  ],
  ['PATCH', /^\/pulls\/comments\/(\d+)$/, editComment(state.lineComments)],
  ['POST', /^\/pulls\/(\d+)\/comments$/, (_, ask, [number]) => addLineComment(state, ask, numberOf(number))],
  [
    'GET',
    /^\/pulls\/(\d+)\/reviews$/,
    (_, ask, [number]) =>
      page(
        ask,
        state.reviews
          .filter((each) => each.number === numberOf(number))
          .map((each) => ({
            ...commentView(state, ask, each),
            state: 'COMMENTED',
            submitted_at: each.createdAt.toISOString(),
          })),
      ),
  ],
  ['POST', /^\/pulls\/(\d+)\/reviews$/, (_, ask, [number]) => addReview(state, ask, numberOf(number))],
  ['PUT', /^\/pulls\/\d+\/reviews\/(\d+)$/, editComment(state.reviews)],
  [
    'GET',
    /^\/compare\/(.+)\.\.\.(.+)$/,
    (_, _ask, [base = '', head = '']) => {
      const sha = state.mergeBase(decodeURIComponent(base), decodeURIComponent(head));
      return sha === null ? missing() : ok({ merge_base_commit: { sha }, commits: [], files: [] });
    },
  ],
  [
    'GET',
    /^\/commits\/([0-9a-f]+)\/check-runs$/,
    (_, ask, [commit]) => {
      const runs = state.checks.filter((each) => each.commit === commit && each.kind === 'run').map(runView);
      return page(ask, runs, (some) => ({ total_count: runs.length, check_runs: some }));
    },
  ],
  [
    'GET',
    /^\/commits\/([0-9a-f]+)\/status$/,
    (_, ask, [commit]) => {
      const found = state.checks.filter((each) => each.commit === commit && each.kind === 'status');
      const statuses = found.map((each) => ({
        ...{
          id: each.id,
          context: each.name,
          state: each.state,
          description: each.summary,
          target_url: null,
        },
      }));
      const all = { state: 'pending', sha: commit, total_count: statuses.length };
      return page(ask, statuses, (some) => ({ ...all, statuses: some }));
    },
  ],
  [
    'GET',
    /^\/actions\/jobs\/(\d+)\/logs$/,
    (_, ask, [id]) => {
      const found = state.checks.some((each) => each.id === numberOf(id));
      const store = new URL(ask.base).origin.replace('127.0.0.1', 'localhost');
      return found ? { status: 302, body: '', headers: { location: `${store}/log-store/${id}` } } : missing();
    },
  ],
];

export function answerAsGitHub(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  if (ask.token === null) return problem(401, 'Bad credentials');
  if (ask.path === '/graphql') return ask.token.mayWrite ? graphql(state, ask) : refused();
  const byNumber = `/repositories/${state.id}`;
  const names = [`/repos/${state.repository}`, byNumber];
  const former = state.formerNames.find((name) => startsWith(ask.path, `/repos/${name}`));
  if (former !== undefined) {
    const rest = ask.path.slice(`/repos/${former}`.length);
    const query = ask.query.size === 0 ? '' : `?${ask.query}`;
    const location = `${ask.base}${byNumber}${rest}${query}`;
    return { status: 301, body: { message: 'Moved Permanently', url: location }, headers: { location } };
  }
  const name = names.find((each) => startsWith(ask.path, each));
  if (name === undefined) return missing();
  if (ask.method !== 'GET' && !ask.token.mayWrite) return refused();
  const below = { ...ask, path: ask.path.slice(name.length), base: `${ask.base}${name}` };
  return findRoute(routesOf(state), state, below) ?? missing();
}

const startsWith = (path: string, name: string) => path === name || path.startsWith(`${name}/`);
