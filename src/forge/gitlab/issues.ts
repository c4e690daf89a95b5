import type { Forge, ForgeThread } from '../../factory/ports.ts';
import type { GitLabApi } from './api.ts';
import { issueReply, labelEventReply, noteReply } from './replies.ts';

export function issuesOf({ at, one, list }: GitLabApi): Pick<Forge, 'issues' | 'issue' | 'labelledBy'> {
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
