import type { ForgeAsk } from './answer.ts';
import type {
  ForgeCheckState,
  ForgeCommentState,
  ForgeEditState,
  ForgeIssueState,
  ForgePullState,
  ForgeState,
} from './state.ts';

export const user = (username: string) => ({
  id: username.length,
  username,
  name: username,
  state: 'active',
});

export const web = (state: ForgeState, ask: ForgeAsk) => `${new URL(ask.base).origin}/${state.repository}/-`;

export const issueView = (state: ForgeState, ask: ForgeAsk, issue: ForgeIssueState) => ({
  ...{ id: 1_000 + issue.number, iid: issue.number, title: issue.title, description: issue.body },
  ...{
    state: issue.state === 'open' ? 'opened' : 'closed',
    labels: issue.labels,
    confidential: issue.confidential ?? false,
    author: user(issue.author),
  },
  web_url: `${web(state, ask)}/issues/${issue.number}`,
  created_at: issue.createdAt.toISOString(),
  updated_at: issue.updatedAt.toISOString(),
});

export const pullView = (state: ForgeState, ask: ForgeAsk, pull: ForgePullState) => ({
  ...{ id: 2_000 + pull.number, iid: pull.number, description: pull.body },
  title: pull.title,
  draft: /^(?:\[draft\]|\(draft\)|draft:)/i.test(pull.title),
  state: pull.state === 'open' ? 'opened' : pull.state,
  ...{
    source_branch: pull.branch,
    target_branch: pull.base,
    sha: state.head(pull.branch),
    author: user(pull.author),
  },
  ...{ source_project_id: pull.fork ?? state.id, target_project_id: state.id },
  web_url: `${web(state, ask)}/merge_requests/${pull.number}`,
});

export const noteView = (comment: ForgeCommentState) => ({
  ...{ id: comment.id, body: comment.body, author: user(comment.author), system: false },
  created_at: comment.createdAt.toISOString(),
  updated_at: comment.updatedAt.toISOString(),
  ...(comment.path === undefined
    ? {}
    : { position: { position_type: 'text', new_path: comment.path, new_line: comment.line ?? null } }),
});

/** The boxes of a text: `- [x] what is to be done`. */
const boxesOf = (text: string) =>
  [...text.matchAll(/^\s*[-+*] \[([ x])\] (.+)$/gm)].map(([, tick, label]) => ({
    label,
    done: tick === 'x',
  }));

/**
 * What GitLab itself writes below an issue about an edit: `change_title`, `change_description` and `change_task_status` of its
 * `SystemNotes::IssuablesService`. Where boxes were ticked it says that, and nothing of the rest of the text.
 */
export function editNotes({ id, actor, part, before, after, at }: ForgeEditState) {
  const boxes = boxesOf(before);
  const ticked = boxesOf(after).filter(
    ({ label, done }, index) => boxes[index]?.label === label && boxes[index]?.done !== done,
  );
  const bodies =
    part === 'title'
      ? [`changed title from **{-${before}-}** to **{+${after}+}**`]
      : ticked.map(
          ({ label, done }) =>
            `marked the checklist item **${label}** as ${done ? 'completed' : 'incomplete'}`,
        );
  const note = { id, author: user(actor), system: true, created_at: at.toISOString() };
  return (bodies.length === 0 ? ['changed the description'] : bodies).map((body) => ({
    ...{ ...note, body, updated_at: note.created_at },
  }));
}

const STATES = { pending: 'running', success: 'success', failure: 'failed' };

export const statusView = (check: ForgeCheckState, pipeline: number) => ({
  ...{ id: check.id, name: check.name, sha: check.commit, allow_failure: false, pipeline_id: pipeline },
  status: STATES[check.state],
  ...{ target_url: null, description: check.summary === '' ? null : check.summary },
});

export const jobView = (check: ForgeCheckState) => ({
  ...{ id: check.id, name: check.name, status: STATES[check.state], allow_failure: false, stage: 'test' },
  web_url: `https://example.org/jobs/${check.id}`,
  ...(check.state === 'failure' ? { failure_reason: 'script_failure' } : {}),
});
