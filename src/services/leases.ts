import type { Holder } from '../factory/model/journal.ts';
import type { StateStore } from '../factory/ports.ts';
import type { Liveness, Processes } from '../lib/process/process.ts';
import { endOfEntries, journalEnd } from '../state/logs/open-lease.ts';
import type { Privacy } from '../state/secrets/privacy.ts';

/** What the ends of journals tell of the steps of agents. */
export interface Leases {
  /** The lease at the end of an agent's journal that no end of a step closed, and what is known of its holder. */
  openLease(
    projectId: string,
    persona: string,
  ): Promise<{ epoch: number; holder: Liveness; job: string | undefined } | null>;
  /** The step that an agent's journal goes on with; see `JournalEnd`. */
  nextStepOf(projectId: string, persona: string): Promise<number | undefined>;
  /** This process, as it stands in leases. */
  holder(): Promise<Holder>;
  /** Whether a process that wrote itself down as holder still runs. */
  liveness(holder: Holder): Promise<Liveness>;
}

export function openLeases(
  state: Pick<StateStore, 'projectFolder' | 'journal'>,
  processes: Processes,
  privacy: Privacy,
): Leases {
  const endOf = async (projectId: string, persona: string) => {
    const known = state.journal(projectId, persona).known();
    if (known !== null) return endOfEntries(known);
    return journalEnd(`${state.projectFolder(projectId)}/agents/${persona}.jsonl`, privacy);
  };
  return {
    async openLease(...agent) {
      const { lease } = await endOf(...agent);
      if (lease === null) return null;
      const { epoch, holder } = lease;
      return { epoch, holder: await processes.liveness(holder), job: holder.job };
    },
    nextStepOf: async (...agent) => (await endOf(...agent)).nextStep,
    holder: () => processes.self(),
    liveness: (holder) => processes.liveness(holder),
  };
}
