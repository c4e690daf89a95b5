import { distance as editDistance } from 'fastest-levenshtein';

/** Edit distance of the first hundred characters of `left`. */
export const distance = (left: string, right: string): number => editDistance(left.slice(0, 100), right);

/** One slip in a short word, or one in three letters of a long one; letters in another order are one. */
export function isSlip(typed: string, meant: string): boolean {
  const sorted = (word: string) => [...word].sort().join('');
  const away = sorted(typed) === sorted(meant) ? 1 : distance(typed, meant);
  return away <= Math.max(1, Math.floor(Math.min(typed.length, meant.length) / 3));
}

/**
 * The known names that are most like one that is not known, the nearest first; those that are nothing like it are left out. Of
 * spellings of one name that differ in its marks alone there is one.
 */
export function nearest(name: string, known: Iterable<string>, most = 3): string[] {
  const wanted = name.toLowerCase();
  return [...new Set(known)]
    .map((each) => ({ each, away: distance(wanted, each.toLowerCase()) }))
    .filter(({ each, away }) => away <= Math.max(2, Math.min(wanted.length, each.length) / 2))
    .sort((a, b) => a.away - b.away || a.each.localeCompare(b.each))
    .map(({ each }) => each)
    .filter((each, at, all) => all.findIndex((other) => letters(other) === letters(each)) === at)
    .slice(0, most);
}

const letters = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
