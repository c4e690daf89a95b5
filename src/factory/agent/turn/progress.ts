import type { ToolCall } from '../../model/message.ts';

/** One tool call and what it answered; empty texts stand for a turn without calls. */
export interface CallRecord {
  name: string;
  arguments: string;
  output: string;
}

/** A turn as the rule sees it. */
export function turnOf(
  { calls }: { calls: readonly { call: ToolCall; result?: { output: string } }[] },
  mark: string | undefined,
): { calls: CallRecord[]; mark?: string } {
  const records = calls.map(({ call, result }) => ({
    name: call.name,
    arguments: call.arguments,
    output: result?.output ?? '',
  }));
  return { calls: records, ...(mark === undefined ? {} : { mark }) };
}

/** What the no-progress rule remembers of an agent's turns. Bounded, however long the conversation. */
export interface Trail {
  /** The newest calls since the last objection, newest last. */
  readonly calls: readonly CallRecord[];
  /** The calls that the last objection was about: more of the same is no new beginning. */
  readonly objected: readonly CallRecord[];
  /** Work marks seen lately, newest last. */
  readonly marks: readonly string[];
  /** Turns since a work mark was seen that was not there before. */
  readonly idle: number;
  /** Objections since then: one after the warning, two after the fresh context. */
  readonly strikes: number;
  /** Turns since evidence was seen that was not there before; no objection and no fresh context begins them anew. */
  readonly barren: number;
}

export const NO_TRAIL: Trail = Object.freeze({
  calls: [],
  objected: [],
  marks: [],
  idle: 0,
  strikes: 0,
  barren: 0,
});

/**
 * What the rule compares: evidence (tree, proved tasks, gate results) and everything else that may count as a change. Two
 * hashes in one text, so that a journal's step keeps both.
 */
export function workMark(evidence: string, plan: string): string {
  return `${evidence}.${plan}`;
}

const evidenceOf = (mark: string): string => mark.split('.', 1)[0] ?? mark;

export type Verdict =
  | { verdict: 'go_on' }
  | { verdict: 'warn'; reason: string }
  | { verdict: 'fresh'; reason: string }
  | { verdict: 'block'; reason: string };

/** The same call with the same result so often in a row is a loop. */
const SAME = 4;
/** So is a pair of calls that alternates so often. */
const PAIRS = 6;
const CALLS_KEPT = PAIRS * 2;
/** Plans alone are endless: after so many times `idleTurns` without new evidence an agent is stopped, whatever it planned. */
const BARREN = 6;
/** Enough to tell a change that goes to and fro from a new one. */
const MARKS_KEPT = 100;

/**
 * One more turn. Only a mark that was not seen lately counts as a change: writing a file to and fro is none. And the
 * objections are forgotten only when the turn also did something else than the calls before it.
 *
 * @param mark missing when the turn could not change anything
 */
export function walk(trail: Trail, turn: { calls: readonly CallRecord[]; mark?: string }): Trail {
  const calls = turn.calls.length > 0 ? turn.calls : [{ name: '', arguments: '', output: '' }];
  const changed = turn.mark !== undefined && !trail.marks.includes(turn.mark);
  const evidence = turn.mark === undefined ? undefined : evidenceOf(turn.mark);
  const proved = evidence !== undefined && !trail.marks.some((mark) => evidenceOf(mark) === evidence);
  const known = [...trail.calls, ...trail.objected];
  const varied = calls.some((call) => !known.some((earlier) => same(call, earlier)));
  return {
    ...trail,
    calls: [...trail.calls, ...calls].slice(-CALLS_KEPT),
    marks: turn.mark !== undefined && changed ? [...trail.marks, turn.mark].slice(-MARKS_KEPT) : trail.marks,
    idle: changed ? 0 : trail.idle + 1,
    strikes: changed && varied ? 0 : trail.strikes,
    barren: proved ? 0 : trail.barren + 1,
  };
}

/** The trail after an objection was made: the next one needs new grounds. After `block` somebody else decides: all anew. */
export function strike(trail: Trail, made: 'warned' | 'fresh' | 'blocked'): Trail {
  if (made === 'blocked') return { ...NO_TRAIL, marks: trail.marks };
  return { ...trail, calls: [], objected: trail.calls, strikes: trail.strikes + 1 };
}

/**
 * Is the agent getting anywhere? First a warning, then a fresh context, then the end.
 *
 * @param idleTurns turns without a change before the warning; twice that and thrice that for the others
 */
export function judge(trail: Trail, idleTurns: number): Verdict {
  if (trail.barren >= idleTurns * BARREN) {
    const reason = `${trail.barren} turns brought no new evidence: no change of a file, no task proved, no other gate result`;
    return { verdict: 'block', reason };
  }
  const reason = repetition(trail.calls) ?? idleness(trail, idleTurns);
  if (reason === null) return { verdict: 'go_on' };
  const verdict = trail.strikes === 0 ? 'warn' : trail.strikes === 1 ? 'fresh' : 'block';
  return { verdict, reason };
}

function idleness({ idle, strikes }: Trail, idleTurns: number): string | null {
  return idle >= idleTurns * (strikes + 1)
    ? `nothing has changed for ${idle} turns: no file, no task, no gate result`
    : null;
}

function repetition(calls: readonly CallRecord[]): string | null {
  const last = calls.at(-1);
  if (last === undefined) return null;
  const tail = calls.slice(-SAME);
  if (tail.length === SAME && tail.every((call) => same(call, last))) {
    return last.name === ''
      ? `${SAME} turns in a row called no tool`
      : `the same call of ${last.name} gave the same result ${SAME} times in a row`;
  }
  const other = calls.at(-2);
  if (calls.length < CALLS_KEPT || other === undefined || same(last, other)) return null;
  const alternates = calls.every((call, index) => same(call, index % 2 === calls.length % 2 ? other : last));
  return alternates ? `two calls (${other.name}, ${last.name}) have alternated ${PAIRS} times` : null;
}

function same(a: CallRecord, b: CallRecord): boolean {
  return a.name === b.name && a.arguments === b.arguments && a.output === b.output;
}
