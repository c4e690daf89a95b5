/** The part of GitHub's REST API that the factory uses, answered as https://docs.github.com/rest tells. */
import { type ForgeAnswer, type ForgeAsk, findRoute, ok, page, type Route, text } from './answer.ts';
import type {
  ForgeCheckState,
  ForgeCommentState,
  ForgeIssueState,
  ForgePullState,
  ForgeState,
} from './state.ts';

const problem = (status: number, message: string, errors?: object[]): ForgeAnswer => ({
  status,
  body: {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: 'https://docs.github.com/rest',
  },
});
const refused = () => problem(403, 'Resource not accessible by personal access token');
const missing = () => problem(404, 'Not Found');
const invalid = (...messages: string[]) =>
  problem(
    422,
    'Validation Failed',
    messages.map((message) => ({ resource: 'PullRequest', code: 'custom', message })),
  );

const user = (login: string) => ({ login, id: login.length, type: 'User' });
const web = (state: ForgeState, ask: ForgeAsk) => `${new URL(ask.base).origin}/${state.repository}`;

const issueView = (state: ForgeState, ask: ForgeAsk, issue: ForgeIssueState) => ({
  ...{ id: issue.number, number: issue.number, title: issue.title, body: issue.body, state: issue.state },
  user: user(issue.author),
  labels: issue.labels.map((name, id) => ({ id, name })),
  html_url: `${web(state, ask)}/issues/${issue.number}`,
  created_at: issue.createdAt.toISOString(),
  updated_at: issue.updatedAt.toISOString(),
});

const pullView = (state: ForgeState, ask: ForgeAsk, pull: ForgePullState) => ({
  ...{
    id: pull.number,
    node_id: `PR_${pull.number}`,
    number: pull.number,
    title: pull.title,
    body: pull.body,
  },
  state: pull.state === 'open' ? 'open' : 'closed',
  merged_at: pull.state === 'merged' ? '2026-01-01T00:00:00Z' : null,
  draft: pull.draft,
  user: user(pull.author),
  html_url: `${web(state, ask)}/pull/${pull.number}`,
  head: { ref: pull.branch, sha: state.head(pull.branch) ?? '', label: `${ownerOf(state)}:${pull.branch}` },
  base: { ref: pull.base, sha: state.head(pull.base) ?? '' },
});

const commentView = (state: ForgeState, ask: ForgeAsk, comment: ForgeCommentState) => ({
  ...{ id: comment.id, body: comment.body, user: user(comment.author) },
  html_url: `${web(state, ask)}/issues/${comment.number}#issuecomment-${comment.id}`,
  created_at: comment.createdAt.toISOString(),
  updated_at: comment.updatedAt.toISOString(),
  ...(comment.path === undefined ? {} : { path: comment.path, line: comment.line ?? null }),
});

const runView = (check: ForgeCheckState) => ({
  ...{ id: check.id, name: check.name, head_sha: check.commit },
  status: check.state === 'pending' ? 'in_progress' : 'completed',
  conclusion: check.state === 'pending' ? null : check.state,
  html_url: `https://example.org/runs/${check.id}`,
  output: { title: null, summary: check.summary === '' ? null : check.summary, text: null },
  app: check.log === '' ? { slug: 'other-app' } : { slug: 'github-actions' },
});

const ownerOf = (state: ForgeState) => state.repository.split('/')[0] ?? '';
const numberOf = (part: string | undefined) => Number(part ?? Number.NaN);

function editComment(list: readonly ForgeCommentState[]): Route[2] {
  return (state, ask, [id]) => {
    const comment = list.find((each) => each.id === numberOf(id));
    if (comment === undefined) return missing();
    Object.assign(comment, { body: text(ask.body['body']), updatedAt: new Date() });
    return ok(commentView(state, ask, comment));
  };
}

function addPull(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  const [branch, base] = [text(ask.body['head']).replace(/^[^:]*:/, ''), text(ask.body['base'])];
  if (state.head(branch) === null)
    return problem(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
  if (state.head(base) === null)
    return problem(422, 'Validation Failed', [{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
  if (state.head(branch) === state.head(base)) return invalid(`No commits between ${base} and ${branch}`);
  if (state.pulls.some((each) => each.branch === branch && each.base === base && each.state === 'open'))
    return invalid(`A pull request already exists for ${ownerOf(state)}:${branch}.`);
  if (text(ask.body['body']).length > 65_536)
    return invalid('body is too long (maximum is 65536 characters)');
  const pull: ForgePullState = {
    ...{ number: state.issues.length + state.pulls.length + 1, branch, base, state: 'open' },
    ...{ title: text(ask.body['title']), body: text(ask.body['body']), draft: ask.body['draft'] === true },
    author: ask.token?.user ?? '',
  };
  state.pulls.push(pull);
  return ok(pullView(state, ask, pull), 201);
}

function addReview(state: ForgeState, ask: ForgeAsk, number: number): ForgeAnswer {
  const author = ask.token?.user ?? '';
  const made = { number, author, createdAt: new Date(), updatedAt: new Date() };
  const review = {
    ...made,
    id: state.nextId(),
    body: text(ask.body['body']),
    commit: text(ask.body['commit_id']),
  };
  state.reviews.push(review);
  for (const each of (ask.body['comments'] ?? []) as { path: string; line: number; body: string }[])
    state.lineComments.push({
      ...made,
      id: state.nextId(),
      body: each.body,
      path: each.path,
      line: each.line,
    });
  return ok({ ...commentView(state, ask, review), state: 'COMMENTED' });
}

function graphql(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  const id = (ask.body['variables'] as { id?: string } | undefined)?.id;
  const pull = state.pulls.find((each) => `PR_${each.number}` === id);
  const [, mutation] =
    /(convertPullRequestToDraft|markPullRequestReadyForReview)/.exec(text(ask.body['query'])) ?? [];
  if (pull === undefined || mutation === undefined)
    return ok({ data: null, errors: [{ type: 'NOT_FOUND', message: 'Could not resolve to a node.' }] });
  pull.draft = mutation === 'convertPullRequestToDraft';
  return ok({ data: { [mutation]: { clientMutationId: null } } });
}

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
    (_, _ask, [commit]) => {
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
      return ok({ state: 'pending', sha: commit, total_count: statuses.length, statuses });
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
