import { agentSteps } from './agent-steps.ts';
import { audits } from './audits.ts';
import { inGateSlot } from '../gates/slots.ts';
import type { Processors } from '../host.ts';
import { notifications, telling } from './notifications.ts';
import { projects } from './projects.ts';
import { providerProbes } from './provider-probes.ts';
import { qualityGates } from './quality-gates.ts';
import { whenRoom } from '../maintenance/disk-space.ts';

/** Who does what: one processor per queue of the catalogue. A missing one does not compile. */
export const processors: Processors = {
  projects: whenRoom(({ action }) => action === 'start', telling(projects)),
  'agent-steps': whenRoom(() => true, agentSteps),
  'quality-gates': whenRoom(
    () => true,
    (payload, context) => inGateSlot(context.services, () => qualityGates(payload, context)),
  ),
  audits: whenRoom(() => true, audits),
  'provider-probes': providerProbes,
  notifications,
};
