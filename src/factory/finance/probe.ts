import { DarkFactoryError } from '../../lib/failure.ts';
import { createToolbox } from '../agent/tools/toolbox.ts';
import type { ProbeResult } from '../ports.ts';
import type { Attempt, AttemptResult } from './attempt.ts';
import { FACTORY, type FinanceDeps, loadCandidates } from './desk.ts';
import { estimateInput } from './estimate.ts';
import { isProvedHealthy, isReady } from './select.ts';

/** Small enough to cost next to nothing, and the least that every vendor takes. */
const PROBE_OUTPUT = 16;

/**
 * One real call with a tiny answer, with reservation and booking like any other. It is booked on no project: its row stands in the
 * factory's own ledger. A provider that is switched off is not called; one that is failing or out of money is, since
 * this is how it comes back.
 *
 * Throws `not_found`/`provider_not_found`.
 */
export function createProbe(
  deps: FinanceDeps,
  attempt: (attempt: Attempt) => Promise<AttemptResult>,
): (providerId: string, maxAgeMs?: number) => Promise<ProbeResult> {
  // All but the length as in real calls: an endpoint that cannot take the tools, or a stream, is not well.
  const request: Attempt['request'] = {
    system: 'This only shows whether you can be reached. Do not call a tool.',
    messages: [{ role: 'user', text: 'Reply with: ok' }],
    tools: createToolbox().specs,
    maxOutputTokens: PROBE_OUTPUT,
  };
  return async (providerId, maxAgeMs = 0) => {
    const candidates = await loadCandidates(deps);
    const candidate = candidates.find(({ provider }) => provider.id === providerId);
    if (candidate === undefined) {
      const hint = `Known ones: ${candidates.map(({ provider }) => provider.id).join(', ') || 'none; df provider add'}.`;
      throw new DarkFactoryError(
        'not_found',
        'provider_not_found',
        `There is no provider "${providerId}"`,
        hint,
      );
    }
    if (!candidate.provider.enabled) return unhealthy(`Provider ${providerId} is switched off.`);
    const age = deps.now().getTime() - (candidate.current.lastSuccessAt?.getTime() ?? 0);
    if (age < maxAgeMs && isReady(candidate, deps.now()) && isProvedHealthy(candidate)) {
      return {
        healthy: true,
        detail: `Provider ${providerId} answered ${Math.round(age / 1_000)} s ago.`,
        cost: 0,
      };
    }
    const note = async () => undefined;
    const result = await attempt({
      call: {
        projectId: FACTORY,
        operation: 'noop_probe',
        signal: AbortSignal.timeout(deps.config.agent.modelTimeout),
        opened: note,
        failed: note,
        replied: note,
      },
      request,
      inputTokens: estimateInput(request, deps.estimateTokens),
      candidate,
      budget: undefined,
    });
    if (result.kind === 'reply') {
      return { healthy: true, detail: `Provider ${providerId} answers.`, cost: result.cost };
    }
    return unhealthy(
      result.kind === 'refused' ? result.refusal.detail : `Provider ${providerId}: ${result.failure.message}`,
    );
  };
}

function unhealthy(detail: string): ProbeResult {
  return { healthy: false, detail, cost: 0 };
}
