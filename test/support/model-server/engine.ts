import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Usage } from '../../../src/factory/model/money/finance.ts';
import { createAccounts } from './accounts.ts';
import { countOutput, createPromptCache } from './billing.ts';
import { createDelivery, pause } from './delivery.ts';
import { faultReply } from './fault-bodies.ts';
import { createFaultPlan, type Fault, type FaultRule } from './faults.ts';
import { anthropicErrorEvent, renderAnthropic } from './formats/anthropic-format.ts';
import { argumentsText, asObject, type Json, type ParsedRequest, type Refusal } from './formats/format.ts';
import { openaiErrorEvent, renderOpenai } from './formats/openai-format.ts';
import { isResponsesOnly } from './formats/responses-refusals.ts';
import { renderResponses, responsesErrorEvent } from './formats/responses-render.ts';
import type { LedgerEntry, RequestRecord, WireFormat } from './record.ts';
import type { Answer, Script, ScriptedModelOptions, Turn } from './script.ts';
import type { Seal } from './sealed-reasoning.ts';
import { toTurn } from './turn.ts';

/** Decides what each request gets, bills it and has it written. */
export function createEngine(options: ScriptedModelOptions, seal: Seal, now: () => number) {
  const dialect = options.dialect ?? 'openai';
  const ledger: LedgerEntry[] = [];
  const cache = createPromptCache();
  const accounts = createAccounts(options);
  const delivery = createDelivery(now);
  let script: Script = options.script;
  const plan = createFaultPlan(options.faults ?? [], now());

  /** What the request gets: a fault of the account, the rules, the form, or what the script says. */
  async function decide(record: RequestRecord, parsed: ParsedRequest, turn: Turn): Promise<Answer | Fault> {
    if (options.keys && !options.keys.includes(record.key)) return { fault: 'unauthorized' };
    const fault = plan.next(record);
    if (fault) return fault;
    const retryAfter = accounts.secondsUntilRoom(record.key, record.at);
    if (retryAfter > 0) return { fault: 'rate_limit', retryAfter };
    const refusal = wrongInterface(record) ?? (options.strict === false ? undefined : parsed.refusal);
    if (refusal !== undefined) return { fault: 'http', ...refusalReply(refusal, record.format) };
    return script(turn);
  }

  function wrongInterface({ format, model }: RequestRecord): Refusal | undefined {
    if (format !== 'openai') return undefined;
    const own = dialect === 'openai' && isResponsesOnly(model);
    if (!own && !options.responsesOnly?.includes(model)) return undefined;
    return {
      message: 'This model is only supported in v1/responses and not in v1/chat/completions.',
      status: 404,
      param: 'model',
    };
  }

  function usageOf(record: RequestRecord, parsed: ParsedRequest, answer: Answer): Usage {
    const counted = cache.count(
      [record.key, record.model, parsed.cacheKey ?? ''].join('\n'),
      record.format,
      parsed.blocks,
      now(),
    );
    const output = countOutput(wordsOf(answer));
    return { ...counted, output, ...answer.usage };
  }

  async function reply(record: RequestRecord, parsed: ParsedRequest, body: Json, response: ServerResponse) {
    const turn = toTurn(parsed, record, body);
    const decision = await decide(record, parsed, turn);
    const fault = 'fault' in decision ? decision : undefined;
    if (fault) record.fault = fault.fault;
    const plain = fault && faultReply(fault, record.format, dialect);
    if (plain) return delivery.plain(response, record, plain);
    if (fault?.fault === 'reset') return delivery.reset(response);
    if (fault?.fault === 'hang' && (fault.at ?? 'start') === 'start') return;

    // Cuts, hangs and error events happen to an answer: the script is asked for it, and it is billed.
    const said = fault ? await script(turn) : decision;
    const answer: Answer = 'fault' in said ? { text: 'Cut short.' } : said;
    const usage = usageOf(record, parsed, answer);
    const entry = accounts.bill(record, usage);
    if (!entry) {
      record.fault = 'credit_too_low';
      const empty = faultReply({ fault: 'credit_too_low' }, record.format, dialect);
      return empty && delivery.plain(response, record, empty);
    }
    ledger.push(entry);
    record.billed = entry;
    if (answer.delayMs) await pause(response, answer.delayMs);
    await delivery.answer(response, record, { ...rendered(record, body, answer, usage), answer, fault });
  }

  function rendered(record: RequestRecord, body: Json, answer: Answer, usage: Usage) {
    const render = {
      dialect,
      body,
      owner: ownerOf(record.key, record.model),
      seal,
      answer,
      usage,
      model: record.model,
      includeUsage: asObject(body.stream_options).include_usage === true,
      newId: (prefix: string) => prefix + randomBytes(12).toString('hex'),
      createdSeconds: Math.floor(now() / 1_000),
    };
    const { whole, events } = RENDER[record.format](render);
    const preamble = dialect === 'openrouter' ? [': OPENROUTER PROCESSING\n\n'] : [];
    return { whole, events: [...preamble, ...events], errorEvent: ERROR_EVENT[record.format] };
  }

  return {
    ledger,
    reply,
    topUp: accounts.topUp,
    setFaults: (rules: readonly FaultRule[], nextIndex: number) => plan.set(rules, now(), nextIndex),
    setScript(next: Script): void {
      script = next;
    },
  };
}

const RENDER = { openai: renderOpenai, responses: renderResponses, anthropic: renderAnthropic };
const ERROR_EVENT = {
  openai: openaiErrorEvent,
  responses: responsesErrorEvent,
  anthropic: anthropicErrorEvent,
};

/** Encrypted reasoning can be read for one account and one model. */
export const ownerOf = (key: string, model: string): string => `${key}\n${model}`;

function wordsOf({ blocks = [], thinking = '', text = '', toolCalls = [] }: Answer): string[] {
  const calls = [...toolCalls, ...blocks.flatMap((block) => ('call' in block ? [block.call] : []))];
  return [
    ...[thinking, text, ...calls.map((call) => call.name + argumentsText(call.arguments))],
    ...blocks.map((block) => {
      if ('text' in block) return block.text;
      if ('thinking' in block) return block.thinking;
      return 'redacted' in block ? block.redacted : '';
    }),
  ];
}

function refusalReply(refusal: string | Refusal, format: WireFormat) {
  const given = typeof refusal === 'string' ? { message: refusal } : refusal;
  const { message, status = 400, code = null, param = null } = given;
  const body =
    format === 'anthropic'
      ? { type: 'error', error: { type: 'invalid_request_error', message } }
      : { error: { message, type: 'invalid_request_error', param, code } };
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
