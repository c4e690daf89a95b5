import type { Finished } from './finished.ts';

/** What is to be done, as far as it tells how much it may take. */
export interface Asked {
  repository: string;
  personas: readonly string[];
  /** Any of them may be taken; none: whichever. */
  models: readonly string[];
}

/** The middle, and what nine of ten stay within. */
export interface Spread {
  median: number;
  p90: number;
}

export interface Estimate {
  /** What the finished projects have in common with what is asked for; `none`: nothing is known. */
  basis: (typeof BASES)[number]['name'] | 'none';
  /** How many they are, and how many of them were proved. */
  projects: number;
  proved: number;
  /** USD. `null` without any. */
  cost: Spread | null;
  /** Active time, and from start to end with waits. `null` without any. */
  activeMs: Spread | null;
  spanMs: Spread | null;
}

/** Fewer say nothing about one of ten. */
const ENOUGH = 3;

const sameRepository = (each: Finished, { repository }: Asked) => each.repository === repository;
const samePersonas = (each: Finished, { personas }: Asked) => each.personas.join() === personas.join();
const sameModel = (each: Finished, { models }: Asked) =>
  models.length === 0 || (each.model !== null && models.includes(each.model));

/** The narrowest first. */
const BASES = [
  { name: 'repository, persona and model', has: [sameRepository, samePersonas, sameModel] },
  { name: 'repository and persona', has: [sameRepository, samePersonas] },
  { name: 'repository', has: [sameRepository] },
  { name: 'persona and model', has: [samePersonas, sameModel] },
  { name: 'all projects', has: [] },
] as const;

/**
 * From the projects that are most like what is asked for: the narrowest group that has enough of them, else the widest. Pure.
 */
export function estimate(finished: readonly Finished[], asked: Asked): Estimate {
  const groups = BASES.map(({ name, has }) => ({
    name,
    like: finished.filter((each) => has.every((is) => is(each, asked))),
  }));
  const group =
    groups.find(({ like }) => like.length >= ENOUGH) ?? groups.find(({ like }) => like.length > 0);
  if (group === undefined)
    return { basis: 'none', projects: 0, proved: 0, cost: null, activeMs: null, spanMs: null };
  const { name, like } = group;
  const spreadOf = (figure: 'cost' | 'activeMs' | 'spanMs') => spread(like.map((each) => each[figure]));
  return {
    basis: name,
    projects: like.length,
    proved: like.filter(({ proved }) => proved).length,
    cost: spreadOf('cost'),
    activeMs: spreadOf('activeMs'),
    spanMs: spreadOf('spanMs'),
  };
}

/** By nearest rank: each figure is one that really came up. @param values at least one */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { median: rank(0.5), p90: rank(0.9) };
}

/** Of several projects. */
export interface Total {
  /** How many are asked for, and of how many something is known. */
  projects: number;
  known: number;
  /** What each of the known takes added up, the middles and the 90th percentiles by themselves; `null`: nothing is known of any. */
  cost: Spread | null;
  activeMs: Spread | null;
  spanMs: Spread | null;
}

/** What several may take together. That each goes as badly as one of ten does is rarer by far than one night of ten. Pure. */
export function totalOf(estimates: readonly Estimate[]): Total {
  const sum = (figure: 'cost' | 'activeMs' | 'spanMs'): Spread | null => {
    const known = estimates.flatMap((each) => each[figure] ?? []);
    if (known.length === 0) return null;
    return known.reduce((all, { median, p90 }) => ({ median: all.median + median, p90: all.p90 + p90 }), {
      median: 0,
      p90: 0,
    });
  };
  return {
    projects: estimates.length,
    known: estimates.filter(({ basis }) => basis !== 'none').length,
    ...{ cost: sum('cost'), activeMs: sum('activeMs'), spanMs: sum('spanMs') },
  };
}
