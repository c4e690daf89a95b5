/** A transcript of which the page has a part: steps that follow each other, up to the newest. */
import type { StepShown } from './types.ts';

export interface Seen {
  steps: readonly StepShown[];
  /** Steps before the first of these. */
  earlier: number;
}

/** The newest steps are as they are told now; what comes before stays, where nothing is missing in between. */
export function addNewest(before: Seen | undefined, newest: Seen): Seen {
  if (before === undefined || newest.earlier < before.earlier) return newest;
  const kept = newest.earlier - before.earlier;
  if (kept > before.steps.length) return newest;
  return { earlier: before.earlier, steps: [...before.steps.slice(0, kept), ...newest.steps] };
}

/** Steps that were taken meanwhile have moved what was asked for: what is there already is not added again. */
export function addEarlier(now: Seen, part: Seen): Seen {
  const missing = now.earlier - part.earlier;
  if (missing <= 0 || missing > part.steps.length) return now;
  return { earlier: part.earlier, steps: [...part.steps.slice(0, missing), ...now.steps] };
}
