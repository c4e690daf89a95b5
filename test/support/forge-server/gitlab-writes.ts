import { type ForgeAnswer, type ForgeAsk, numberOf, ok, text } from './answer.ts';
import { diffsOf, shownLines } from './diffs.ts';
import { noteView, pullView } from './gitlab-views.ts';
import type { ForgeCommentState, ForgePullState, ForgeState } from './state.ts';

export const problem = (status: number, message: unknown): ForgeAnswer => ({ status, body: { message } });

export const missing = (what: string) => problem(404, `404 ${what} Not Found`);

export function addMergeRequest(state: ForgeState, ask: ForgeAsk): ForgeAnswer {
  const [branch, base] = [text(ask.body['source_branch']), text(ask.body['target_branch'])];
  const there = state.pulls.find(
    (each) => each.branch === branch && each.base === base && each.state === 'open',
  );
  if (there !== undefined)
    return problem(409, [
      `Another open merge request already exists for this source branch: !${there.number}`,
    ]);
  if (state.head(branch) === null) return problem(400, { source_branch: ['does not exist'] });
  const pull: ForgePullState = {
    ...{ number: state.issues.length + state.pulls.length + 1, branch, base, state: 'open', draft: false },
    ...{ title: text(ask.body['title']), body: text(ask.body['description']), author: ask.token?.user ?? '' },
  };
  state.pulls.push(pull);
  return ok(pullView(state, ask, pull), 201);
}

export const threadOf = (state: ForgeState, kind: string | undefined, part: string | undefined) => {
  const list: readonly { number: number }[] = kind === 'issues' ? state.issues : state.pulls;
  return list.find((each) => each.number === numberOf(part));
};

export function editNote(state: ForgeState, ask: ForgeAsk, id: string | undefined): ForgeAnswer {
  const all = [...state.comments, ...state.lineComments, ...state.reviews];
  const found = all.find((each) => each.id === numberOf(id));
  if (found === undefined) return missing('Note');
  Object.assign(found, { body: text(ask.body['body']), updatedAt: new Date() });
  return ok(noteView(found));
}

export function addDiscussion(state: ForgeState, ask: ForgeAsk, number: number): ForgeAnswer {
  const { position } = ask.body as { position?: Record<string, unknown> };
  const given = ['position_type', 'base_sha', 'head_sha', 'start_sha', 'new_path', 'old_path'];
  if (position === undefined || given.some((name) => position[name] === undefined))
    return problem(400, 'position is incomplete');
  const pull = state.pulls.find((each) => each.number === number);
  const file = pull && diffsOf(state, pull).find((each) => each.new_path === position['new_path']);
  const isShown =
    file &&
    shownLines(file).some(({ old, now }) => old === position['old_line'] && now === position['new_line']);
  const isWhole =
    file?.old_path === position['old_path'] && position['head_sha'] === state.head(pull?.branch ?? '');
  if (isShown !== true || !isWhole)
    return problem(
      400,
      `400 Bad request - Note {:line_code=>["can't be blank", "must be a valid line code"]}`,
    );
  const comment: ForgeCommentState = {
    ...{ id: state.nextId(), number, author: ask.token?.user ?? '' },
    ...{ body: text(ask.body['body']), createdAt: new Date(), updatedAt: new Date() },
    ...{ path: text(position['new_path']), line: Number(position['new_line']) },
  };
  state.lineComments.push(comment);
  return ok({ id: String(comment.id), notes: [noteView(comment)] }, 201);
}
