import * as z from 'zod';
import type { Forge, ForgePull, ForgeThread, NewPull } from '../../factory/ports.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';
import {
  commitStatusReply,
  discussionReply,
  draftTitle,
  issueReply,
  jobReply,
  labelEventReply,
  mergeRequestReply,
  noteReply,
  pipelineReply,
  projectReply,
  tokenReply,
  versionsReply,
} from './replies.ts';
import type { ForgeHttp } from '../http.ts';
import { allPages, createReader, type Page } from '../pages.ts';

type Query = Readonly<Record<string, string>>;

/** From this level on GitLab lets somebody push and open merge requests. */
const DEVELOPER = 30;

/** A repository at GitLab, by its REST API. */
export function createGitLab(name: string, repository: string, url: string, http: ForgeHttp): Forge {
  const base = url.replace(/\/$/, '');
  const read = createReader(name);
  /** Its number: after a renaming GitLab leads only reads from the old name to the new one. */
  let project: string | undefined;

  const address = (path: string, query: Query = {}) =>
    `${base}${path}${Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`}`;
  const get = async (where: string): Promise<Page> => {
    const response = await http.fetch(where);
    return { data: await response.json(), link: response.headers.get('link') };
  };
  const one = async <T>(where: string, schema: z.ZodType<T>, what: string): Promise<T> =>
    read(schema, what, (await get(where)).data);
  const list = <T>(path: string, query: Query, schema: z.ZodType<T>, what: string): Promise<T[]> =>
    allPages(
      (next) => get(next ?? address(path, { per_page: '100', ...query })),
      (data) => read(z.array(schema), what, data),
    );
  const write = async (method: 'POST' | 'PUT', path: string, body: object): Promise<unknown> => {
    const headers = { 'content-type': 'application/json' };
    const response = await http.fetch(address(path), { method, headers, body: JSON.stringify(body) });
    return response.json();
  };
  const look = async () => {
    const found = await one(
      address(`/projects/${encodeURIComponent(repository)}`),
      projectReply,
      'the project',
    );
    project = `/projects/${found.id}`;
    return found;
  };
  const at = async (path: string) => {
    if (project === undefined) await look();
    return `${project}${path}`;
  };
  const threadOf = ({ kind, number }: ForgeThread) =>
    at(`/${kind === 'issue' ? 'issues' : 'merge_requests'}/${number}/notes`);

  return {
    async look() {
      const found = await look();
      const level = Math.max(
        found.permissions?.project_access?.access_level ?? 0,
        found.permissions?.group_access?.access_level ?? 0,
      );
      const isKnown = found.permissions !== undefined;
      return {
        name: found.path_with_namespace,
        url: found.web_url,
        defaultBranch: found.default_branch,
        lacks:
          isKnown && level < DEVELOPER
            ? 'it is nobody who may push there (a developer, or more)'
            : await lackOfScope(),
      };
    },
    async issues(label, since) {
      const query = { labels: label, scope: 'all', order_by: 'updated_at', sort: 'desc' };
      const more = since === undefined ? {} : { updated_after: since.toISOString() };
      return list(await at('/issues'), { ...query, ...more }, issueReply, 'the issues');
    },
    issue: async (number) => one(address(await at(`/issues/${number}`)), issueReply, 'the issue'),
    async labelledBy(number, label) {
      const path = await at(`/issues/${number}/resource_label_events`);
      const events = await list(path, {}, labelEventReply, 'the label events');
      const last = events.findLast((each) => each.label?.name === label);
      return last?.action === 'add' ? last.user : null;
    },
    async comments(thread) {
      const notes = await list(
        await threadOf(thread),
        { sort: 'asc', order_by: 'created_at' },
        noteReply,
        'the notes',
      );
      return notes.filter(({ system }) => !system).map(({ system: _, ...comment }) => comment);
    },
    async addComment(thread, body) {
      const { system: _, ...comment } = read(
        noteReply,
        'a new note',
        await write('POST', await threadOf(thread), { body }),
      );
      return comment;
    },
    async editComment(thread, id, body) {
      await write('PUT', `${await threadOf(thread)}/${id}`, { body });
    },
    async pullsOf(branch) {
      const query = { source_branch: branch, state: 'all', order_by: 'created_at', sort: 'desc' };
      return list(await at('/merge_requests'), query, mergeRequestReply, 'the merge requests');
    },
    pull: async (number) =>
      one(address(await at(`/merge_requests/${number}`)), mergeRequestReply, 'the merge request'),
    async addPull({ branch, base: target, title, body, draft }) {
      const order = {
        ...{ source_branch: branch, target_branch: target, description: body },
        title: draftTitle(title, draft),
        remove_source_branch: false,
      };
      return read(
        mergeRequestReply,
        'a new merge request',
        await write('POST', await at('/merge_requests'), order),
      );
    },
    async editPull({ number }: ForgePull, { title, body, draft }: Pick<NewPull, 'title' | 'body' | 'draft'>) {
      const change = { title: draftTitle(title, draft), description: body };
      const path = await at(`/merge_requests/${number}`);
      return read(mergeRequestReply, 'an edited merge request', await write('PUT', path, change));
    },
    async checks(commit) {
      const pipelines = await list(await at('/pipelines'), { sha: commit }, pipelineReply, 'the pipelines');
      // The newest one counts of those that the same cause has made for the same ref.
      const newest = new Map(
        pipelines.toSorted((a, b) => a.id - b.id).map((each) => [`${each.source} ${each.ref}`, each.id]),
      );
      const jobs = [];
      for (const id of newest.values())
        jobs.push(...(await list(await at(`/pipelines/${id}/jobs`), {}, jobReply, 'the jobs of a pipeline')));
      const path = await at(`/repository/commits/${commit}/statuses`);
      const others = await list(path, {}, commitStatusReply, 'the commit statuses');
      const known = new Set(jobs.map(({ jobId }) => jobId));
      const names = new Set(jobs.map(({ name: job }) => job));
      const outside = others.filter((each) => !known.has(each.jobId) && !names.has(each.name));
      return [...jobs, ...outside].map(({ jobId: _, ...check }) => check);
    },
    async checkLog(check, mostBytes) {
      if (check.log === undefined) return (check.summary ?? '').slice(-mostBytes);
      return http.tail(address(await at(`/jobs/${check.log}/trace`)), mostBytes);
    },
    async reviewComments(number) {
      const path = await at(`/merge_requests/${number}/discussions`);
      const found = await list(path, {}, discussionReply, 'the discussions');
      return found
        .flatMap(({ notes }) => notes)
        .filter(({ system }) => !system)
        .map(({ system: _, ...comment }) => comment);
    },
    async addReview(number, { body, comments }) {
      const path = await at(`/merge_requests/${number}`);
      const [version] = await one(address(`${path}/versions`), versionsReply, 'the versions');
      for (const { path: file, line, body: said } of comments) {
        const position = {
          ...{ position_type: 'text', old_path: file, new_path: file, new_line: line },
          base_sha: version?.base_commit_sha,
          head_sha: version?.head_commit_sha,
          start_sha: version?.start_commit_sha,
        };
        await write('POST', `${path}/discussions`, { body: said, position });
      }
      return read(noteReply, 'a new note', await write('POST', `${path}/notes`, { body })).id;
    },
    async editReview(number, id, body) {
      await write('PUT', await at(`/merge_requests/${number}/notes/${id}`), { body });
    },
    async editReviewComment(number, id, body) {
      await write('PUT', await at(`/merge_requests/${number}/notes/${id}`), { body });
    },
  };

  /** The project says what somebody may do, not what the token was made for. Tokens of a kind that cannot be asked count as enough. */
  async function lackOfScope(): Promise<string | null> {
    const asked = one(address('/personal_access_tokens/self'), tokenReply, 'the token').catch(
      expecting(isFailure, null),
    );
    const found = await asked;
    if (found === null || found.scopes.includes('api')) return null;
    return `it has the scopes ${found.scopes.join(', ')} and lacks api`;
  }
}
