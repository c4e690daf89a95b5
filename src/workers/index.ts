import { agentSteps } from './agent-steps.ts';
import { audits } from './audits.ts';
import { inGateSlot } from './gates/slots.ts';
import type { Processors } from './host.ts';
import { notifications, telling } from './notifications.ts';
import { projects } from './projects.ts';
import { providerProbes } from './provider-probes.ts';
import { qualityGates } from './quality-gates.ts';

/** Who does what: one processor per queue of the catalogue. A missing one does not compile. */
export const processors: Processors = {
  projects: telling(projects),
  'agent-steps': agentSteps,
  'quality-gates': (payload, context) => inGateSlot(context.services, () => qualityGates(payload, context)),
  audits,
  'provider-probes': providerProbes,
  notifications,
};
