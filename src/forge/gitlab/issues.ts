import type { Forge, ForgeThread } from '../../factory/ports.ts';
import { GONE } from '../fields.ts';
import { MOST_ENTRIES } from '../pages.ts';
import type { GitLabApi } from './api.ts';
import { issueReply, labelEventReply, noteReply } from './replies.ts';

/** What GitLab itself writes below an issue. Of a text that was rewritten while boxes in it were ticked it tells the ticks alone. */
const TITLE_EDITED = /^changed title from\b/;
const TEXT_EDITED = /^changed the description\b|^marked .* as (in)?complete/s;

export function issuesOf({
  at,
  one,
  list,
}: GitLabApi): Pick<Forge, 'issues' | 'issue' | 'labelledBy' | 'editors'> {
  return {
    async issues(label, since) {
      const query = { labels: label, scope: 'all', order_by: 'updated_at', sort: 'desc' };
      const more = since === undefined ? {} : { updated_after: since.toISOString() };
      return list(await at('/issues'), { ...query, ...more }, issueReply, 'the issues');
    },
    issue: async (number) => one(await at(`/issues/${number}`), issueReply, 'the issue'),
    async labelledBy(number, label) {
      const path = await at(`/issues/${number}/resource_label_events`);
      const events = await list(path, {}, labelEventReply, 'the label events');
      const [last] = events.filter((each) => each.label?.name === label).toSorted((a, b) => b.id - a.id);
      return last?.action === 'add' ? last.user : null;
    },
    async editors(number) {
      const newestFirst = { sort: 'desc', order_by: 'created_at' };
      const notes = await list(await at(`/issues/${number}/notes`), newestFirst, noteReply, 'the notes');
      const lastOf = (edit: RegExp) => notes.find(({ system, body }) => system && edit.test(body))?.author;
      // Whoever writes enough below an issue would hide what was done to it before.
      const unknown = notes.length < MOST_ENTRIES ? undefined : GONE;
      return [lastOf(TITLE_EDITED) ?? unknown, lastOf(TEXT_EDITED) ?? unknown].filter(
        (each) => each !== undefined,
      );
    },
  };
}

export function commentsOf({
  at,
  list,
  read,
  write,
}: GitLabApi): Pick<Forge, 'comments' | 'addComment' | 'editComment'> {
  const threadOf = ({ kind, number }: ForgeThread) =>
    at(`/${kind === 'issue' ? 'issues' : 'merge_requests'}/${number}/notes`);
  return {
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
  };
}
