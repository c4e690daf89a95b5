import { type ForgeAnswer, type ForgeAsk, numberOf, ok, text } from './answer.ts';
import { noteView, pullView } from './gitlab-views.ts';
import type { ForgePullState, ForgeState } from './state.ts';

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

/** A commit has one pipeline here, with all its runs as jobs; its number is that of the first of them. */
export const pipelineOf = (state: ForgeState, commit: string | null) => {
  const jobs = state.checks.filter((each) => each.commit === commit && each.kind === 'run');
  return { jobs, id: 10_000 + (jobs[0]?.id ?? 0) };
};
