import type { ForgeAsk } from './answer.ts';
import type {
  ForgeCheckState,
  ForgeCommentState,
  ForgeIssueState,
  ForgePullState,
  ForgeState,
} from './state.ts';

export const user = (login: string) => ({ login, id: login.length, type: 'User' });

export const web = (state: ForgeState, ask: ForgeAsk) => `${new URL(ask.base).origin}/${state.repository}`;

export const issueView = (state: ForgeState, ask: ForgeAsk, issue: ForgeIssueState) => ({
  ...{ id: issue.number, number: issue.number, title: issue.title, body: issue.body, state: issue.state },
  user: user(issue.author),
  labels: issue.labels.map((name, id) => ({ id, name })),
  html_url: `${web(state, ask)}/issues/${issue.number}`,
  created_at: issue.createdAt.toISOString(),
  updated_at: issue.updatedAt.toISOString(),
});

export const pullView = (state: ForgeState, ask: ForgeAsk, pull: ForgePullState) => ({
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
  head: {
    ...{ ref: pull.branch, sha: state.commitOf(pull), label: `${ownerOf(state)}:${pull.branch}` },
    repo: { id: pull.fork ?? state.id },
  },
  base: { ref: pull.base, sha: state.head(pull.base) ?? '', repo: { id: state.id } },
});

export const commentView = (state: ForgeState, ask: ForgeAsk, comment: ForgeCommentState) => ({
  ...{ id: comment.id, body: comment.body, user: user(comment.author) },
  html_url: `${web(state, ask)}/issues/${comment.number}#issuecomment-${comment.id}`,
  created_at: comment.createdAt.toISOString(),
  updated_at: comment.updatedAt.toISOString(),
  ...(comment.path === undefined ? {} : { path: comment.path, line: comment.line ?? null }),
});

export const runView = (check: ForgeCheckState) => ({
  ...{ id: check.id, name: check.name, head_sha: check.commit },
  status: check.state === 'pending' ? 'in_progress' : 'completed',
  conclusion: check.state === 'pending' ? null : check.state,
  html_url: `https://example.org/runs/${check.id}`,
  output: { title: null, summary: check.summary === '' ? null : check.summary, text: null },
  app: check.log === '' ? { slug: 'other-app' } : { slug: 'github-actions' },
});

export const ownerOf = (state: ForgeState) => state.repository.split('/')[0] ?? '';
