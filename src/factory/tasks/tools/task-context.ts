import type { WorkContext } from '../../agent/tools/work.ts';
import type { GateCheck } from '../../model/gates/gate-check.ts';
import type { GitManager, StateStore } from '../../ports.ts';
import type { ProofDeps } from '../proof/proof-place.ts';

/** What the tools of the task list need besides. */
export interface TaskContext extends WorkContext {
  state: Pick<StateStore, 'newOutput' | 'tasks' | 'agent'>;
  git: WorkContext['git'] & Pick<GitManager, 'history'>;
  /** Runs the commands that prove a claim. */
  proof: ProofDeps;
  /** What stands in for the criteria of a task that has none. */
  gateChecks: readonly GateCheck[];
  gateTimeoutMs: number;
}
