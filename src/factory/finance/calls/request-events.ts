import type { ProviderConfig } from '../../model/money/finance.ts';
import type { ModelFailure, PaidCall } from '../../ports.ts';
import type { FinanceDeps } from '../deps.ts';

type Caller = Pick<PaidCall, 'projectId' | 'persona' | 'step'>;

/** The audit log has every request that came to nothing; the ledger has those that were paid. */
export function tellFailed(
  { record }: Pick<FinanceDeps, 'record'>,
  call: Caller & Pick<PaidCall, 'operation'>,
  { id, model }: Pick<ProviderConfig, 'id' | 'model'>,
  requestId: string,
  { kind, message }: ModelFailure,
): Promise<void> {
  return record({
    ...whose(call),
    type: 'request.failed',
    level: 'info',
    message: `A request to provider ${id} failed (${kind}): ${message}`,
    data: { provider: id, model, kind, requestId, operation: call.operation },
  });
}

/** @param failures of this provider in this call so far */
export function tellRetry(
  { record }: Pick<FinanceDeps, 'record'>,
  call: Caller,
  provider: string,
  failures: number,
  pauseMs: number,
): Promise<void> {
  const when = pauseMs === 0 ? 'at once' : `in ${Math.ceil(pauseMs / 1_000)} s`;
  return record({
    ...whose(call),
    type: 'request.retried',
    level: 'info',
    message: `Provider ${provider} is asked again ${when}, after ${failures === 1 ? 'a failure' : `${failures} failures`}.`,
    data: { provider, failures, pauseMs },
  });
}

function whose({ projectId, persona, step }: Caller) {
  return {
    projectId,
    ...(persona === undefined ? {} : { persona }),
    ...(step === undefined ? {} : { step }),
  };
}
