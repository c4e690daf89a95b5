import type { Config } from '../config/config.ts';
import type { NewEvent } from '../model/event.ts';
import type { GateCheck } from '../model/gates/gate-check.ts';
import type { Holder } from '../model/journal.ts';
import type { Project } from '../model/project.ts';
import type { FinanceManager, GitManager, StateStore, Workspace } from '../ports.ts';
import type { ProofDeps } from '../tasks/proof/proof-place.ts';

/** What an audit needs of the world. */
export interface AuditDeps extends ProofDeps {
  state: StateStore;
  git: ProofDeps['git'] & Pick<GitManager, 'diff' | 'history' | 'resolveCommit'>;
  finance: FinanceManager;
  config: Pick<Config, 'audits' | 'gates'>;
  /** The checks of a persona's gate. */
  checks(project: Project, persona: string): Promise<readonly GateCheck[]>;
  trees: Pick<Workspace, 'scratchTree' | 'sweepScratchTrees'>;
  holder(): Promise<Holder>;
  record(event: NewEvent): Promise<void>;
}
