import type { ProviderSwitch } from '../../factory/model/money/finance.ts';
import type { StateStore } from '../../factory/ports.ts';
import { expecting } from '../../lib/errno.ts';
import { isFailure } from '../../lib/failure.ts';

/** A project went on with another provider. */
export interface SwitchDocument extends ProviderSwitch {
  projectId: string;
  project: string;
}

/** More nobody reads. */
const MOST = 200;

/** Switches of all projects since then, the newest first. */
export async function switchDocuments(
  state: Pick<StateStore, 'listSummaries' | 'finance'>,
  since: Date,
): Promise<SwitchDocument[]> {
  const { projects } = await state.listSummaries();
  const found = await Promise.all(
    projects
      .filter(({ updatedAt, moves }) => moves || updatedAt >= since)
      .map(async ({ id, name }) => {
        // A document that cannot be read hides no other; the project's own page tells of it.
        const finance = await state.finance(id).get().catch(expecting(isFailure, null));
        return (finance?.providerSwitches ?? []).map((each) => ({ ...each, projectId: id, project: name }));
      }),
  );
  return found
    .flat()
    .filter(({ timestamp }) => timestamp >= since)
    .sort((a, b) => b.timestamp.getTime() - a.timestamp.getTime())
    .slice(0, MOST);
}
