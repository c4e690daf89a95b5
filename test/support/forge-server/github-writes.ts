import { type ForgeAnswer, type ForgeAsk, numberOf, ok, type Route, text } from './answer.ts';
import { commentView, ownerOf, pullView } from './github-views.ts';
import type { ForgeCommentState, ForgePullState, ForgeState } from './state.ts';

export const problem = (status: number, message: string, errors?: object[]): ForgeAnswer => ({
  status,
  body: {
    message,
    ...(errors === undefined ? {} : { errors }),
    documentation_url: 'https://docs.github.com/rest',
  },
});

export const missing = () => problem(404, 'Not Found');

const invalid = (...messages: string[]) =>
  problem(
    422,
    'Validation Failed',
    messages.map((message) => ({ resource: 'PullRequest', code: 'custom', message })),
  );

export function editComment(list: readonly ForgeCommentState[]): Route[2] {
  return (state, ask, [id]) => {
    const comment = list.find((each) => each.id === numberOf(id));
    if (comment === undefined) return missing();
    Object.assign(comment, { body: text(ask.body['body']), updatedAt: new Date() });
    return ok(commentView(state, ask, comment));
  };
}

export function addPull(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
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

export function addReview(state: ForgeState, ask: ForgeAsk, number: number): ForgeAnswer {
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

export function graphql(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  const id = (ask.body['variables'] as { id?: string } | undefined)?.id;
  const pull = state.pulls.find((each) => `PR_${each.number}` === id);
  const [, mutation] =
    /(convertPullRequestToDraft|markPullRequestReadyForReview)/.exec(text(ask.body['query'])) ?? [];
  if (pull === undefined || mutation === undefined)
    return ok({ data: null, errors: [{ type: 'NOT_FOUND', message: 'Could not resolve to a node.' }] });
  pull.draft = mutation === 'convertPullRequestToDraft';
  return ok({ data: { [mutation]: { clientMutationId: null } } });
}
