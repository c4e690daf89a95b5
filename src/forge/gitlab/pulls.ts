import type * as z from 'zod';
import type { Forge, ForgePull, NewPull } from '../../factory/ports.ts';
import type { GitLabApi } from './api.ts';
import { draftTitle, mergeRequestReply } from './replies.ts';

const without = ({ isFork: _, ...pull }: z.output<typeof mergeRequestReply>): ForgePull => pull;

export function pullsOf({
  at,
  one,
  list,
  read,
  write,
}: GitLabApi): Pick<Forge, 'pullsOf' | 'pull' | 'addPull' | 'editPull'> {
  return {
    async pullsOf(branch) {
      const query = { source_branch: branch, state: 'all', order_by: 'created_at', sort: 'desc' };
      const found = await list(await at('/merge_requests'), query, mergeRequestReply, 'the merge requests');
      // Anybody's fork may have a branch of the same name.
      return found.filter(({ isFork }) => !isFork).map(without);
    },
    pull: async (number) =>
      without(await one(await at(`/merge_requests/${number}`), mergeRequestReply, 'the merge request')),
    async addPull({ branch, base: target, title, body, draft }) {
      const order = {
        ...{ source_branch: branch, target_branch: target, description: body },
        title: draftTitle(title, draft),
        remove_source_branch: false,
      };
      const made = await write('POST', await at('/merge_requests'), order);
      return without(read(mergeRequestReply, 'a new merge request', made));
    },
    async editPull({ number }: ForgePull, { title, body, draft }: Pick<NewPull, 'title' | 'body' | 'draft'>) {
      const change = { title: draftTitle(title, draft), description: body };
      const path = await at(`/merge_requests/${number}`);
      return without(read(mergeRequestReply, 'an edited merge request', await write('PUT', path, change)));
    },
  };
}
