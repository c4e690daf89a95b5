import type {
  ModelAdapter,
  ModelCallOptions,
  ModelFailure,
  ModelReply,
  ModelRequest,
} from '../factory/ports.ts';
import type { Repair } from './failure-rows/row.ts';
import type { Classified } from './failures.ts';

/** Repairs that suit the endpoint's ways are remembered; a broken history is that of one conversation. */
const LASTING: readonly Repair[] = ['limit_name', 'no_stream_options', 'no_thinking'];

type Send<Form> = (
  request: ModelRequest,
  options: ModelCallOptions,
  form: Form,
) => Promise<ModelReply | Classified>;

/**
 * An adapter that sends a refused request once more, changed as the table of failures says. A refused request is not
 * billed, so this is no second paid request; every other failure goes back as it is.
 */
export function withRepair<Form>(
  initial: Form,
  repairForm: (form: Form, repair: Repair) => Form | undefined,
  send: Send<Form>,
): ModelAdapter {
  let form = initial;
  let largestOutput = Number.POSITIVE_INFINITY;

  return {
    async complete(asked, options) {
      const request = { ...asked, maxOutputTokens: Math.min(asked.maxOutputTokens, largestOutput) };
      const first = await send(request, options, form);
      if (first.ok || first.repair === undefined) return withoutRepair(first);
      if (first.repair === 'lower_limit') {
        const allowed = allowedOutput(first.message, request.maxOutputTokens);
        if (allowed === undefined) return withoutRepair(first);
        largestOutput = allowed;
        return withoutRepair(await send({ ...request, maxOutputTokens: allowed }, options, form));
      }
      const repaired = repairForm(form, first.repair);
      if (repaired === undefined) return withoutRepair(first);
      const second = await send(request, options, repaired);
      if (second.ok && LASTING.includes(first.repair)) form = repaired;
      return withoutRepair(second);
    },
  };
}

function withoutRepair(outcome: ModelReply | Classified): ModelReply | ModelFailure {
  if (outcome.ok) return outcome;
  const { repair: _repair, ...failure } = outcome;
  return failure;
}

/** "at most 4096 completion tokens", "8192 > 4096, which is the maximum": the number below the one that was asked for. */
export function allowedOutput(message: string, asked: number): number | undefined {
  const named =
    /at most (\d+) (?:completion |output )?tokens/i.exec(message)?.[1] ??
    /max_tokens: \d+ > (\d+)/.exec(message)?.[1] ??
    /(?:maximum|less than or equal to) (?:of |is |value of )?(\d+)/i.exec(message)?.[1];
  const allowed = Number(named);
  return named !== undefined && allowed > 0 && allowed < asked ? allowed : undefined;
}
