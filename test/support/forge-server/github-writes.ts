import { type ForgeAnswer, type ForgeAsk, numberOf, ok, type Route, text } from './answer.ts';
import { diffsOf, shownLines } from './diffs.ts';
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
  if (ask.body['draft'] === true && !state.takesDrafts)
    return invalid('Draft pull requests are not supported in this repository.');
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

/** Why a comment cannot stand on a line of the new side; `null`: it can. */
function lineProblem(
  state: ForgeState,
  number: number,
  { path, line }: { path?: unknown; line?: unknown },
): string | null {
  const pull = state.pulls.find((each) => each.number === number);
  const file = pull && diffsOf(state, pull).find((each) => each.new_path === path);
  if (file === undefined) return 'Path could not be resolved';
  return shownLines(file).some(({ now }) => now === line) ? null : 'Line could not be resolved';
}

/** The whole is taken or nothing. */
export function addReview(state: ForgeState, ask: ForgeAsk, number: number): ForgeAnswer {
  const lines = (ask.body['comments'] ?? []) as { path: string; line: number; body: string }[];
  const wrong = lines.map((each) => lineProblem(state, number, each)).filter((each) => each !== null);
  if (wrong.length > 0)
    return { status: 422, body: { message: 'Unprocessable Entity', errors: [...new Set(wrong)] } };
  const author = ask.token?.user ?? '';
  const made = { number, author, createdAt: new Date(), updatedAt: new Date() };
  const review = {
    ...made,
    id: state.nextId(),
    body: text(ask.body['body']),
    commit: text(ask.body['commit_id']),
  };
  state.reviews.push(review);
  for (const each of lines)
    state.lineComments.push({
      ...made,
      id: state.nextId(),
      body: each.body,
      path: each.path,
      line: each.line,
    });
  return ok({ ...commentView(state, ask, review), state: 'COMMENTED' });
}

/** One comment on a line, with a review of its own that says nothing. */
export function addLineComment(state: ForgeState, ask: ForgeAsk, number: number): ForgeAnswer {
  const { path, line, body, commit_id: commit } = ask.body;
  const wrong = lineProblem(state, number, { path, line });
  if (typeof commit !== 'string' || wrong !== null)
    return problem(422, 'Validation Failed', [
      {
        resource: 'PullRequestReviewComment',
        code: 'custom',
        field: 'pull_request_review_thread.line',
        message: wrong,
      },
    ]);
  const made = { number, author: ask.token?.user ?? '', createdAt: new Date(), updatedAt: new Date() };
  const comment = { ...made, id: state.nextId(), body: text(body), path: text(path), line: Number(line) };
  state.lineComments.push(comment);
  state.reviews.push({ ...made, id: state.nextId(), body: '', commit });
  return ok(commentView(state, ask, comment), 201);
}

export function graphql(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  const query = text(ask.body['query']);
  const { id, ...about } = (ask.body['variables'] ?? {}) as Record<string, unknown>;
  if (/\beditor\b/.test(query)) return editorsOf(state, about);
  const pull = state.pulls.find((each) => `PR_${each.number}` === id);
  const [, mutation] = /(convertPullRequestToDraft|markPullRequestReadyForReview)/.exec(query) ?? [];
  if (pull === undefined || mutation === undefined) return unresolved(null);
  pull.draft = mutation === 'convertPullRequestToDraft';
  return ok({ data: { [mutation]: { clientMutationId: null } } });
}

const unresolved = (data: object | null) =>
  ok({ data, errors: [{ type: 'NOT_FOUND', message: 'Could not resolve to a node.' }] });

/** Who edited a text last, and a title: https://docs.github.com/graphql/reference/objects#issue */
function editorsOf(state: ForgeState, { owner, repo, number }: Record<string, unknown>): ForgeAnswer {
  if (![state.repository, ...state.formerNames].includes(`${owner}/${repo}`))
    return unresolved({ repository: null });
  const issue = state.issues.find((each) => each.number === number);
  if (issue === undefined) return unresolved({ repository: { issue: null } });
  const actor = (login: string) =>
    login === 'ghost'
      ? null
      : { __typename: login.endsWith('[bot]') ? 'Bot' : 'User', login: login.replace(/\[bot\]$/, '') };
  const edit = issue.edits.findLast(({ part }) => part === 'body');
  const renamed = issue.edits.findLast(({ part }) => part === 'title');
  const nodes = renamed === undefined ? [] : [{ actor: actor(renamed.actor) }];
  return ok({
    data: {
      repository: {
        issue: {
          lastEditedAt: edit?.at.toISOString() ?? null,
          editor: edit === undefined ? null : actor(edit.actor),
          timelineItems: { nodes },
        },
      },
    },
  });
}
