import * as z from 'zod';
import type { ForgeComment, ForgeIssue, ForgePull, ForgeReviewComment } from '../../factory/ports.ts';
import { moment } from '../../lib/schema.ts';
import { address, GONE, text } from '../fields.ts';

const user = z
  .object({ username: z.string() })
  .nullish()
  .transform((value) => value?.username ?? GONE);
const access = z.object({ access_level: z.number() }).nullish();

export const projectReply = z.object({
  id: z.number().int(),
  path_with_namespace: z.string(),
  web_url: address,
  permissions: z.object({ project_access: access, group_access: access }).optional(),
});

/** Of a user, or of one as a member. */
export const memberReply = z.object({
  id: z.number().int(),
  is_admin: z.boolean().default(false),
  access_level: z.number().default(0),
});

export const tokenReply = z.object({ scopes: z.array(z.string()) });

export const issueReply = z
  .object({
    iid: z.number().int(),
    title: text,
    description: text,
    author: user,
    state: z.string(),
    labels: z.array(z.string()),
    confidential: z.boolean().default(false),
    web_url: address,
    updated_at: moment,
  })
  .transform(
    (reply): ForgeIssue => ({
      number: reply.iid,
      title: reply.title,
      body: reply.description,
      author: reply.author,
      labels: reply.labels,
      state: reply.state === 'closed' ? 'closed' : 'open',
      confidential: reply.confidential,
      url: reply.web_url,
      updatedAt: reply.updated_at,
    }),
  );

export const labelEventReply = z.object({
  id: z.number().int(),
  user,
  action: z.enum(['add', 'remove']),
  /** Of a label that is gone. */
  label: z.object({ name: z.string() }).nullish(),
});

const note = {
  id: z.number().int().transform(String),
  author: user,
  body: text,
  created_at: moment,
  updated_at: moment,
  /** Written by GitLab itself: somebody assigned, labelled, closed. */
  system: z.boolean().default(false),
};

export const noteReply = z
  .object(note)
  .transform(
    ({ created_at: createdAt, updated_at: updatedAt, ...rest }): ForgeComment & { system: boolean } => ({
      ...rest,
      ...{ createdAt, updatedAt, url: '' },
    }),
  );

/** Notes on lines, and what hangs together with them. */
export const discussionReply = z.object({
  id: z.string(),
  notes: z.array(
    z
      .object({
        ...note,
        position: z.object({ new_path: z.string().nullish(), new_line: z.number().nullish() }).nullish(),
      })
      .transform(
        ({
          created_at: createdAt,
          updated_at: updatedAt,
          position,
          ...rest
        }): ForgeReviewComment & { system: boolean } => ({
          ...rest,
          ...{ createdAt, updatedAt, url: '' },
          ...(typeof position?.new_path === 'string' ? { path: position.new_path } : {}),
          ...(typeof position?.new_line === 'number' ? { line: position.new_line } : {}),
        }),
      ),
  ),
});

const DRAFT = /^(?:(?:\[draft\]|\(draft\)|draft:)\s*)+/i;

export const mergeRequestReply = z
  .object({
    iid: z.number().int(),
    title: text,
    description: text,
    state: z.string(),
    draft: z.boolean().default(false),
    source_branch: z.string(),
    target_branch: z.string(),
    sha: text,
    web_url: address,
    source_project_id: z.number().nullish(),
    target_project_id: z.number().nullish(),
  })
  .transform((reply): ForgePull & { isFork: boolean } => ({
    number: reply.iid,
    url: reply.web_url,
    state: reply.state === 'merged' ? 'merged' : reply.state === 'closed' ? 'closed' : 'open',
    draft: reply.draft,
    branch: reply.source_branch,
    base: reply.target_branch,
    commit: reply.sha,
    title: reply.title.replace(DRAFT, ''),
    body: reply.description,
    isFork: reply.source_project_id !== reply.target_project_id,
  }));

/** At GitLab a title says that it is a draft. */
export const draftTitle = (title: string, draft: boolean): string =>
  `${draft ? 'Draft: ' : ''}${title.replace(DRAFT, '')}`;

const version = {
  id: z.number().int(),
  head_commit_sha: z.string(),
  base_commit_sha: z.string(),
  start_commit_sha: z.string(),
};

export const versionsReply = z.array(z.object(version));

/** A version with what it shows. */
export const versionReply = z.object({
  ...version,
  diffs: z.array(z.object({ old_path: z.string(), new_path: z.string(), diff: text })),
});

export const mergeBaseReply = z.object({ id: z.string() }).nullable();
