import parse from 'semver/functions/parse.js';

/** What is to be said of workers whose program has another version than this one. */
export interface VersionProblem {
  /** Which versions, and how many workers of each. */
  problem: string;
  /** What to do about it. */
  remedy: string;
}

/**
 * Pure.
 *
 * @param own version of this program
 * @param running how many workers there are of each version
 * @returns `null` when all are of this version, and when none runs
 */
export function judgeVersions(own: string, running: Readonly<Record<string, number>>): VersionProblem | null {
  const others = Object.keys(running).filter((version) => version !== own);
  if (others.length === 0) return null;
  const newest = [own, ...others].reduce((a, b) => (isOlder(a, b) ? b : a));
  const old = Object.keys(running).filter((version) => version !== newest);
  const told = Object.entries(running)
    .sort(([a], [b]) => (isOlder(a, b) ? -1 : 1))
    .map(([version, count]) => `${count} of ${version}`);
  const upgrade = newest === own ? [] : [`Upgrade this program to ${newest}.`];
  const replace =
    old.length === 0
      ? []
      : [
          `Start workers of ${newest} and end those of ${old.join(' and ')} with SIGTERM: their steps end or go on elsewhere.`,
          'Until then these leave alone what the newer version wrote.',
        ];
  return {
    problem: `workers of another version than this program (${own}) are connected: ${told.join(', ')}`,
    remedy: [...upgrade, ...replace].join(' '),
  };
}

/** What is no version counts as the oldest. */
export function isOlder(a: string, b: string): boolean {
  const [x, y] = [parse(a), parse(b)];
  if (x === null || y === null) return x === null && y !== null;
  return x.compare(y) < 0;
}
