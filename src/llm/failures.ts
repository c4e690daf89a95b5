import type { ModelFailure, ModelFailureKind } from '../factory/ports.ts';
import { errorCode } from '../lib/errno.ts';
import type { Redactor } from '../lib/text/redact.ts';
import { ACCOUNT_ROWS } from './failure-rows/account.ts';
import { type ErrorBody, readErrorBody } from './failure-rows/body.ts';
import { CONTENT_ROWS } from './failure-rows/content.ts';
import { NETWORK_ROWS } from './failure-rows/network.ts';
import { RESPONSES_ROWS } from './failure-rows/responses.ts';
import { type Headers, pacificMidnight, readRetryTime, regainDate } from './failure-rows/retry-time.ts';
import type { FailureRow, NetworkRow, Repair } from './failure-rows/row.ts';
import { THINKING_ROWS } from './failure-rows/thinking.ts';
import { VENDOR_TABLES } from './vendors.ts';

/** All known wordings of answers, the exact ones before the general ones. The first that fits is used. */
export const FAILURE_ROWS: readonly FailureRow[] = [
  ...[...ACCOUNT_ROWS, ...RESPONSES_ROWS, ...THINKING_ROWS, ...CONTENT_ROWS],
  ...Object.values(VENDOR_TABLES).flatMap(({ rows }) => rows),
];

export { NETWORK_ROWS };

/** An answer that is no reply. */
export interface FailedAnswer {
  /** Missing when an error came as an event of a stream. */
  status?: number;
  /** Names in lower case. */
  headers: Headers;
  body: string;
  /** How far the reply had come when an event of its stream told of the error. Missing: nothing of it had come. */
  begun?: 'answering' | 'speaking' | undefined;
}

export interface Classified extends ModelFailure {
  repair?: Repair;
}

/** More of a body than this is not kept: it is a page for a browser, not an error. */
const LONGEST_BODY = 16 * 1024;

/**
 * Says what a provider's answer means, by the table. Pure.
 *
 * An answer that no row knows is a request that the provider refuses where the status says so (4xx), else an outage. Its whole
 * body (redacted, up to 16 KiB) is in the message.
 */
export function classifyAnswer(
  provider: string,
  answer: FailedAnswer,
  redactor: Redactor,
  now: Date,
): Classified {
  const body = readErrorBody(answer.body);
  // OpenRouter and others put the status of an error that came late into the body.
  const late = answer.status === undefined || answer.status < 300;
  const status = (late ? statusIn(body) : undefined) ?? answer.status;
  const row = FAILURE_ROWS.find((candidate) => fits(candidate, status, body));
  const kind = row?.kind ?? unknownKind(status);
  const isEvent = answer.status === undefined;
  // An event that names no status is an answer all the same: nobody was away.
  const told = status ?? (isEvent && kind === 'outage' ? 500 : undefined);
  const worked = isEvent ? hadWorked(answer.begun, kind) : late && !isWholeRefusal(row, body);
  const place = status === undefined ? '' : ` answered ${status}`;
  const words = row && body.understood ? body.message : answer.body.trim();
  const said = words === '' ? '(empty body)' : shorten(words);
  const message = row
    ? `${provider}${place}: ${row.says}. ${said}`
    : `${provider}${place}, which is not known: ${said}`;
  return {
    ok: false,
    kind,
    message: redactor.text(message),
    ...(told === undefined ? {} : { status: told }),
    code: row?.name ?? 'unknown_answer',
    ...(row ? {} : { unknown: true }),
    ...retryTime(row, answer.headers, `${body.message}\n${answer.body}`, now),
    perhapsBilled: row?.perhapsBilled ?? worked,
    ...(row?.repair ? { repair: row.repair } : {}),
  };
}

/** The same request would be refused again, while a provider in trouble comes back. */
function unknownKind(status: number | undefined): ModelFailureKind {
  return status !== undefined && status >= 300 && status < 500 ? 'request' : 'outage';
}

/** One in trouble may have worked, and billed, since its answer began; one that refuses has worked only where words came. */
const hadWorked = (begun: FailedAnswer['begun'], kind: ModelFailureKind): boolean =>
  begun === 'speaking' || (begun === 'answering' && kind === 'outage');

/** An error in the place of the reply, with status 200. */
const isWholeRefusal = (row: FailureRow | undefined, body: ErrorBody): boolean =>
  row !== undefined && (row.kind !== 'outage' || body.understood);

function fits(row: FailureRow, status: number | undefined, body: ErrorBody): boolean {
  // An error event of a stream carries no status: its words or codes must do.
  if (row.status && status === undefined && !row.codes && !row.words) return false;
  if (row.codeWords && !body.codes.some((code) => row.codeWords?.test(code))) return false;
  if (row.status && status !== undefined && !row.status.includes(status)) return false;
  if (row.codes && !row.codes.some((code) => body.codes.includes(code))) return false;
  if (row.notWords?.test(body.message)) return false;
  return row.words === undefined || row.words.test(wordsFor(row.kind, body));
}

/** What means the key, or money, concerns every project: it must be the provider's own word. */
function wordsFor(kind: ModelFailureKind, { ofKey, own, message }: ErrorBody): string {
  if (kind === 'key') return ofKey;
  return kind === 'money' ? own : message;
}

/** The status that an error which came late would have had as an answer: its number, else what its names stand for. */
function statusIn({ codes }: ErrorBody): number | undefined {
  const number = codes.map(Number).find((code) => Number.isInteger(code) && code >= 400 && code < 600);
  if (number !== undefined) return number;
  if (codes.some((code) => /overloaded/i.test(code))) return 529;
  return codes.some((code) => /^(rate_?limit|too_?many_?requests|throttl)/i.test(code)) ? 429 : undefined;
}

const WAITING: readonly ModelFailureKind[] = ['rate', 'money', 'outage'];

function retryTime(row: FailureRow | undefined, headers: Headers, words: string, now: Date) {
  if (row && !WAITING.includes(row.kind)) return {};
  if (row?.resets === 'pacific_midnight') {
    const resetAt = pacificMidnight(now);
    return { resetAt, retryAfterMs: resetAt.getTime() - now.getTime() };
  }
  const time = readRetryTime(headers, words, now);
  // A rate limit header beside a money failure tells of the rate, not of the money.
  const named = row?.kind === 'money' && regainDate(words) === undefined ? {} : time;
  if (named.resetAt === undefined && row?.resets === 'next_month') {
    return { resetAt: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)) };
  }
  return named;
}

function shorten(text: string): string {
  const more = text.length - LONGEST_BODY;
  return more > 0 ? `${text.slice(0, LONGEST_BODY)} … (${more} more characters)` : text;
}

/** Says what an error without an answer means: refused, reset, DNS, TLS, a broken protocol. Pure. */
export function classifyNetwork(provider: string, problem: unknown, redactor: Redactor): Classified {
  const chain = causes(problem);
  const codes = chain.flatMap((cause) => errorCode(cause) ?? []);
  const row = codes.map(findNetworkRow).find((found) => found !== undefined);
  const words = chain.map((cause) => cause.message).filter(Boolean);
  const said = row ? row.says : 'the request failed in a way that is not known';
  return {
    ok: false,
    kind: 'outage',
    message: redactor.text(`${provider}: ${said}. ${[...new Set(words)].join(': ')}`.trim()),
    code: codes[0] ?? 'unknown_failure',
    perhapsBilled: (row?.perhapsBilled ?? true) || chain.some(isOnConnection),
  };
}

/** The same code as of a connection that cannot be made, but this one stood: the request may have gone through it. */
const isOnConnection = (cause: Error): boolean =>
  'syscall' in cause && (cause.syscall === 'read' || cause.syscall === 'write');

function findNetworkRow(code: string): NetworkRow | undefined {
  return NETWORK_ROWS.find((row) =>
    row.codes.some((known) => (known.endsWith('*') ? code.startsWith(known.slice(0, -1)) : known === code)),
  );
}

/** An error and what caused it, outermost first. An AggregateError stands for the first of its errors. */
export function causes(problem: unknown): Error[] {
  const chain: Error[] = [];
  for (let next = problem; next instanceof Error && !chain.includes(next) && chain.length < 8; ) {
    chain.push(next);
    next = next.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined);
  }
  return chain;
}
