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

/** By the numbers of a version, and a pre-release before its release. What is no version counts as the oldest. */
export function isOlder(a: string, b: string): boolean {
  const [x, y] = [parse(a), parse(b)];
  if (x === null || y === null) return x === null && y !== null;
  const at = x.numbers.findIndex((number, index) => number !== y.numbers[index]);
  if (at >= 0) return (x.numbers[at] ?? 0) < (y.numbers[at] ?? 0);
  if (x.pre === y.pre || x.pre === '') return false;
  return y.pre === '' || x.pre.localeCompare(y.pre, 'en', { numeric: true }) < 0;
}

function parse(version: string): { numbers: number[]; pre: string } | null {
  const [, numbers, pre = ''] = /^(\d+\.\d+\.\d+)(?:-([^+]+))?(?:\+.*)?$/.exec(version) ?? [];
  return numbers === undefined ? null : { numbers: numbers.split('.').map(Number), pre };
}
