import { usageError } from '../../lib/failure.ts';
import type { NewEvent } from '../model/event.ts';
import type { StateStore } from '../ports.ts';

export interface StopWatchingDeps {
  state: Pick<StateStore, 'project' | 'oneAtATime'>;
  record(event: NewEvent): Promise<void>;
}

/**
 * By a word of its owner the checks of a pull request are looked at no more, whatever asked for it; nothing is pushed. Waits for a push
 * that is under way. Throws `usage`/`not_published`.
 */
export async function stopWatching({ state, record }: StopWatchingDeps, projectId: string): Promise<void> {
  await state.oneAtATime(`publish-${projectId}`, async () => {
    const { name, publication } = await state.project(projectId).get();
    if (publication === undefined)
      throw usageError(
        'not_published',
        `The project ${name} is not published, and nothing of it is watched`,
        'Whether it will be, publish.auto and publish.watch in config.yaml say.',
      );
    await state
      .project(projectId)
      .update((current) => ({ ...current, publication: { ...publication, watch: false, watchBy: 'owner' } }));
    if (!publication.watch) return;
    const message = `The checks of ${publication.url} are watched no more, by a word of its owner.`;
    await record({ projectId, type: 'checks.ended', level: 'info', message });
  });
}
