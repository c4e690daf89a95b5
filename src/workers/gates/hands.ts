import type { GitManager, StateStore } from '../../factory/ports.ts';
import type { ProofHands } from '../../factory/tasks/proof/proof-place.ts';
import type { Services } from '../../services.ts';

/** What gates, criteria and the task tools need, out of the services. */
export async function gateHands(
  services: Services,
): Promise<ProofHands & { state: StateStore; git: GitManager }> {
  return {
    state: services.state,
    git: services.git,
    sandbox: await services.sandbox(),
    now: () => services.clock.now(),
    trees: services.workspace,
  };
}
