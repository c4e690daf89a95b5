import * as z from 'zod';
import type {
  ForgeCheck,
  ForgeComment,
  ForgeIssue,
  ForgePull,
  ForgeReviewComment,
} from '../../factory/ports.ts';
import { moment } from '../../lib/schema.ts';
import { address, GONE, text } from '../fields.ts';

const user = z
  .object({ login: z.string() })
  .nullish()
  .transform((value) => value?.login ?? GONE);

export const repositoryReply = z.object({
  full_name: z.string(),
  html_url: address,
  private: z.boolean().default(true),
  permissions: z.object({ push: z.boolean() }).optional(),
});

export const issueReply = z
  .object({
    number: z.number().int(),
    title: text,
    body: text,
    user,
    state: z.enum(['open', 'closed']),
    labels: z.array(z.union([z.string(), z.object({ name: text })])).default([]),
    html_url: address,
    updated_at: moment.default(new Date(0)),
    /** It is a pull request, which GitHub lists among the issues. */
    pull_request: z.unknown().optional(),
  })
  .transform((reply): ForgeIssue & { isPull: boolean } => ({
    number: reply.number,
    title: reply.title,
    body: reply.body,
    author: reply.user,
    labels: reply.labels.map((label) => (typeof label === 'string' ? label : label.name)),
    state: reply.state,
    confidential: false,
    url: reply.html_url,
    updatedAt: reply.updated_at,
    isPull: reply.pull_request !== undefined && reply.pull_request !== null,
  }));

export const eventReply = z.object({
  event: z.string(),
  actor: user,
  label: z.object({ name: z.string() }).optional(),
});

/** An app may be called as a person is: only its kind tells. */
const actor = z
  .object({ __typename: z.string(), login: z.string() })
  .nullable()
  .transform((value) =>
    value === null ? GONE : `${value.login}${value.__typename === 'Bot' ? '[bot]' : ''}`,
  );

/** Of the title first, then of the text. */
export const editorsReply = z
  .object({
    repository: z.object({
      issue: z.object({
        lastEditedAt: z.string().nullable(),
        editor: actor,
        timelineItems: z.object({ nodes: z.array(z.object({ actor })) }),
      }),
    }),
  })
  .transform(({ repository: { issue } }) => [
    ...issue.timelineItems.nodes.map((renamed) => renamed.actor),
    ...(issue.lastEditedAt === null ? [] : [issue.editor]),
  ]);

const comment = {
  id: z.number().int().transform(String),
  user,
  body: text,
  html_url: text,
};

export const commentReply = z.object({ ...comment, created_at: moment, updated_at: moment }).transform(
  ({ user: author, html_url: url, created_at, updated_at, ...rest }): ForgeComment => ({
    ...rest,
    ...{ author, url, createdAt: created_at, updatedAt: updated_at },
  }),
);

export const lineCommentReply = z
  .object({
    ...comment,
    created_at: moment,
    updated_at: moment,
    path: z.string(),
    line: z.number().nullish(),
  })
  .transform(
    ({ user: author, html_url: url, created_at, updated_at, line, ...rest }): ForgeReviewComment => ({
      ...rest,
      ...{ author, url, createdAt: created_at, updatedAt: updated_at },
      ...(typeof line === 'number' ? { line } : {}),
    }),
  );

/** One that is not handed in yet has no time. */
export const reviewReply = z
  .object({ ...comment, submitted_at: moment.optional(), state: z.string() })
  .transform(({ user: author, html_url: url, submitted_at, id, body, state }) => ({
    ...{ id, author, body, url, state },
    at: submitted_at,
  }));

/** Of a fork that is gone there is none. */
const repositoryId = z.object({ id: z.number() }).nullish();

export const pullReply = z
  .object({
    number: z.number().int(),
    node_id: text,
    html_url: address,
    state: z.enum(['open', 'closed']),
    merged_at: z.string().nullish(),
    /** Told of a single one. */
    merged: z.boolean().nullish(),
    draft: z.boolean().default(false),
    title: text,
    body: text,
    head: z.object({ ref: z.string(), sha: z.string(), repo: repositoryId }),
    base: z.object({ ref: z.string(), repo: repositoryId }),
  })
  .transform((reply): ForgePull & { node: string; isFork: boolean } => ({
    number: reply.number,
    url: reply.html_url,
    state: typeof reply.merged_at === 'string' || reply.merged === true ? 'merged' : reply.state,
    draft: reply.draft,
    branch: reply.head.ref,
    base: reply.base.ref,
    commit: reply.head.sha,
    title: reply.title,
    body: reply.body,
    node: reply.node_id,
    isFork: reply.head.repo?.id !== reply.base.repo?.id,
  }));

const RUN_PASSED = new Set(['success', 'neutral', 'skipped']);
const RUN_WITHHELD = new Set(['cancelled', 'action_required', 'stale']);

function stateOf(status: string, conclusion: string): ForgeCheck['state'] {
  if (status !== 'completed') return 'pending';
  if (RUN_WITHHELD.has(conclusion)) return 'withheld';
  return RUN_PASSED.has(conclusion) ? 'passed' : 'failed';
}

export const checkRunsReply = z.object({
  check_runs: z.array(
    z
      .object({
        id: z.number().int(),
        name: z.string(),
        status: z.string(),
        conclusion: z.string().nullish(),
        html_url: text,
        output: z.object({ title: text, summary: text, text }).optional(),
        app: z.object({ slug: z.string() }).nullish(),
      })
      .transform((run): ForgeCheck => {
        const { title = '', summary = '', text: long = '' } = run.output ?? {};
        const said = [title, summary, long].filter((part) => part !== '').join('\n');
        return {
          id: `run/${run.id}`,
          name: run.name,
          state: stateOf(run.status, run.conclusion ?? ''),
          ...(run.html_url === '' ? {} : { url: run.html_url }),
          ...(said === '' ? {} : { summary: said }),
          // Of a job of Actions the run has the number; one that nobody is named of may be one.
          ...(run.app == null || run.app.slug === 'github-actions' ? { log: `${run.id}` } : {}),
        };
      }),
  ),
});

export const statusesReply = z.object({
  statuses: z.array(
    z
      .object({
        context: z.string(),
        state: z.string(),
        description: text,
        target_url: text,
      })
      .transform(
        (status): ForgeCheck => ({
          id: `status/${status.context}`,
          name: status.context,
          state: status.state === 'success' ? 'passed' : status.state === 'pending' ? 'pending' : 'failed',
          ...(status.target_url === '' ? {} : { url: status.target_url }),
          ...(status.description === '' ? {} : { summary: status.description }),
        }),
      ),
  ),
});

export const comparisonReply = z.object({ merge_base_commit: z.object({ sha: z.string() }) });

export const idReply = z.object({ id: z.number().int() });
