import type { ProviderApi } from '../factory/model/money/finance.ts';
import type {
  ModelAdapter,
  ModelCallOptions,
  ModelFailure,
  ModelReply,
  ModelRequest,
} from '../factory/ports.ts';
import type { Repair } from './failure-rows/row.ts';
import type { Classified } from './failures.ts';

/** A broken history is that of one conversation, and which API is asked is not the form's; the other repairs are remembered. */
const PASSING: readonly Repair[] = ['plain_history', 'other_api'];
/** These go on step by step: refused again, the next step is tried. */
const STEPWISE: readonly Repair[] = [
  ...(['thinking_mode', 'no_thinking', 'bad_signature', 'fill_signature', 'fill_reasoning'] as const),
];

/** More refusals of one request than this are no matter of form. */
const MOST_REPAIRS = 4;

type Send<Form> = (
  request: ModelRequest,
  options: ModelCallOptions,
  form: Form,
) => Promise<ModelReply | Classified>;

/** How the form changes after a refusal, or `undefined` when it is already so. */
export type RepairForm<Form> = (form: Form, repair: Repair, request: ModelRequest) => Form | undefined;

/** An adapter whose failures still say what could be repaired elsewhere. */
export interface RepairingAdapter {
  complete(request: ModelRequest, options: ModelCallOptions): Promise<ModelReply | Classified>;
}

/**
 * An adapter that sends a refused request once more, changed as the table of failures says; each change is tried once, or step by
 * step. A refused request is not billed, so this is no second paid request; every other failure goes back as it is.
 */
export function withRepair<Form>(
  initial: Form,
  repairForm: RepairForm<Form>,
  send: Send<Form>,
): ModelAdapter {
  const repairing = createRepairing(initial, repairForm, send);
  return { complete: async (...asked) => withoutRepair(await repairing.complete(...asked)) };
}

/** As `withRepair`, for an adapter that is a part of another one. */
export function createRepairing<Form>(
  initial: Form,
  repairForm: RepairForm<Form>,
  send: Send<Form>,
): RepairingAdapter {
  let form = initial;
  let largestOutput = Number.POSITIVE_INFINITY;

  return {
    async complete(asked, options) {
      let request = { ...asked, maxOutputTokens: Math.min(asked.maxOutputTokens, largestOutput) };
      let current = form;
      const made: Repair[] = [];
      for (;;) {
        const outcome = await send(request, options, current);
        if (outcome.ok) {
          // Another call may have learnt something else meanwhile: only what was repaired here is added.
          for (const repair of made) {
            if (!PASSING.includes(repair)) form = repairForm(form, repair, request) ?? form;
          }
          return outcome;
        }
        const { repair } = outcome;
        if (repair === undefined || made.length === MOST_REPAIRS) return outcome;
        if (made.includes(repair) && !STEPWISE.includes(repair)) return outcome;
        made.push(repair);
        if (repair === 'lower_limit') {
          const allowed = allowedOutput(outcome.message, request.maxOutputTokens);
          if (allowed === undefined) return outcome;
          largestOutput = allowed;
          request = { ...request, maxOutputTokens: allowed };
        } else {
          const repaired = repairForm(current, repair, request);
          if (repaired === undefined) return outcome;
          current = repaired;
        }
      }
    },
  };
}

/**
 * One endpoint by two interfaces: a request that is refused because its model, or the whole endpoint, is to be asked on the other
 * one is sent there, and once that has answered so is every later one.
 */
export function withOtherApi(
  first: RepairingAdapter,
  second: RepairingAdapter,
  other: ProviderApi,
): ModelAdapter {
  let swapped = false;
  const told = (outcome: ModelReply | Classified, onSecond: boolean) => {
    const plain = withoutRepair(outcome);
    return plain.ok && onSecond ? { ...plain, insteadOn: other } : plain;
  };
  return {
    async complete(request, options) {
      const onSecond = swapped;
      const outcome = await (onSecond ? second : first).complete(request, options);
      if (outcome.ok || outcome.repair !== 'other_api') return told(outcome, onSecond);
      const answer = await (onSecond ? first : second).complete(request, options);
      if (answer.ok) swapped = !onSecond;
      // An endpoint that has neither: what it said of the one that was asked for is what its owner must know.
      return told(!answer.ok && answer.repair === 'other_api' ? outcome : answer, !onSecond);
    },
  };
}

function withoutRepair(outcome: ModelReply | Classified): ModelReply | ModelFailure {
  if (outcome.ok) return outcome;
  const { repair: _repair, ...failure } = outcome;
  return failure;
}

/**
 * "at most 4096 completion tokens", "8192 > 4096, which is the maximum", "range of max_tokens should be [1, 4096]": the number below
 * the one that was asked for.
 */
export function allowedOutput(message: string, asked: number): number | undefined {
  const named =
    /at most (\d+) (?:completion |output )?tokens/i.exec(message)?.[1] ??
    /max_tokens: \d+ > (\d+)/.exec(message)?.[1] ??
    /expected a value <= (\d+)/i.exec(message)?.[1] ??
    /range of [`'"]?max_\w*tokens.{0,20}\[\d+, ?(\d+)\]/i.exec(message)?.[1] ??
    /(?:maximum|less than or equal to) (?:of |is |value of )?[`'"]?(\d+)/i.exec(message)?.[1];
  const allowed = Number(named);
  return named !== undefined && allowed > 0 && allowed < asked ? allowed : undefined;
}
