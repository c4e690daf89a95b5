import { DarkFactoryError } from '../../../lib/failure.ts';
import type { ProbeResult } from '../../ports.ts';
import type { Attempt, AttemptResult } from '../calls/attempt.ts';
import { estimateInput } from '../calls/estimate.ts';
import { FACTORY, type FinanceDeps } from '../deps.ts';
import { loadCandidates } from '../providers/live-providers.ts';
import { isProvedHealthy, isReady } from '../providers/select.ts';
import { pauseAfterPaid } from './polling.ts';

/** Room for one short call of a tool. */
const PROBE_OUTPUT = 64;
/** What a model that thinks may think before: the least with which every vendor lets it think. */
const PROBE_THOUGHTS = 2_048;

/**
 * One real call with a tiny answer, which stands for the work: the same API, tools and effort, and one call of a tool is asked
 * for (and never run), with reservation and booking like any other. It is booked on no project: its row stands in the factory's
 * own ledger. A provider that is switched off is not called; one that is failing or out of money is, since this is how it comes
 * back.
 *
 * Throws `not_found`/`provider_not_found`.
 */
export function createProbe(
  deps: FinanceDeps,
  attempt: (attempt: Attempt) => Promise<AttemptResult>,
): (providerId: string, maxAgeMs?: number) => Promise<ProbeResult> {
  // All but the length as in real calls: an endpoint that cannot take the tools, or a stream, is not well.
  const request: Attempt['request'] = {
    system: 'This only shows whether you can be reached and can call a tool. Think as little as you can.',
    messages: [{ role: 'user', text: 'Reply with one call of read_file, path "probe". It is not run.' }],
    tools: deps.tools,
    toolRequired: true,
    maxOutputTokens: PROBE_OUTPUT,
    thoughtTokens: PROBE_THOUGHTS,
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
    const { pollingInterval } = deps.config;
    const unasked = (detail: string, until?: Date): ProbeResult => {
      // Its owner may raise the limit meanwhile.
      const next = new Date(deps.now().getTime() + pollingInterval);
      const notBefore = until !== undefined && until < next ? until : next;
      return { healthy: false, detail, cost: 0, unasked: true, notBefore };
    };
    if (!candidate.provider.enabled) return unasked(`Provider ${providerId} is switched off.`);
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
        // Its adapter's limits end it. Cut from here it would say nothing of the provider, and be tried again at once.
        signal: new AbortController().signal,
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
      const { message, stop, usage, insteadOn } = result.reply;
      const calls = message.parts.filter(({ type }) => type === 'tool_call').length;
      const elsewhere = insteadOn === undefined ? {} : { insteadOn };
      const seen = { calls, cut: stop === 'max_tokens', usage, ...elsewhere };
      return { healthy: true, detail: `Provider ${providerId} answers.`, cost: result.cost, seen };
    }
    if (result.kind === 'refused') return unasked(result.refusal.detail, result.refusal.until);
    const { cost, failure } = result;
    const detail = `Provider ${providerId}: ${failure.message}`;
    // A halt: nothing was sent.
    if (failure.kind === 'aborted') return unasked(detail);
    if (cost === 0) return { healthy: false, detail, cost };
    const pause = pauseAfterPaid(candidate.current.consecutiveFailures + 1, pollingInterval);
    return { healthy: false, detail, cost, notBefore: new Date(deps.now().getTime() + pause) };
  };
}
