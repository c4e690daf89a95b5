import type { ForgeAsk } from './answer.ts';
import type {
  ForgeCheckState,
  ForgeCommentState,
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
