import { remember } from '../../agent/memory/memory.ts';
import { openBooks } from '../../agent/turn/settle.ts';
import { journalsOf } from '../../model/agents.ts';
import type { Project } from '../../model/project.ts';
import type { CrashDeps } from './crash-loop.ts';

/**
 * Books what dead workers left open in a project that has ended: nobody takes their steps up any more, and a request that was
 * sent may have been billed. Repeating it changes nothing. No worker may be at the project any more.
 */
export async function lastBooks(
  { state, clock, finance, holder }: Pick<CrashDeps, 'state' | 'clock' | 'finance' | 'holder'>,
  project: Project,
): Promise<void> {
  const deps = { state, now: () => clock.now(), finance: await finance() };
  for (const persona of journalsOf(project)) {
    const journal = state.journal(project.id, persona);
    const { openRequests, replies, nextStep } = remember(
      (await journal.entries()).filter(({ type }) => type !== 'note'),
    );
    if (openRequests.length === 0 && replies.length === 0) continue;
    const writer = await journal.lease(nextStep, await holder());
    if (writer === null) continue;
    await openBooks(deps, { projectId: project.id, persona }, writer);
    await writer.append({ type: 'step_done', outcome: 'interrupted' });
  }
}
