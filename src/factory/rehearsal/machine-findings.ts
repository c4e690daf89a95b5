import { formatBytes } from '../../lib/text/bytes.ts';
import type { Check } from '../diagnosis/check.ts';
import { bytesToKeep, type Space } from '../model/disk-space.ts';
import { error, type Finding, warn } from './finding.ts';

/** Of what `df health` looks at: what keeps a night from beginning. Disks are judged apart, by what the night needs of them. */
const ASKED = ['halt', 'redis', 'memory', 'tiers'];

/** Pure. */
export function machineFindings(checks: readonly Check[]): Finding[] {
  return checks
    .filter(({ name, status }) => ASKED.includes(name) && status !== 'ok')
    .map(({ name, status, detail, remedy = 'Look at it: df doctor' }) =>
      (status === 'fail' ? error : warn)(`${name}: ${detail}`, remedy),
    );
}

/** A tree with everything in it is there twice while a project works: for its agent, and for a gate. */
const TREES = 2;

/**
 * Whether worktrees have room on a disk, with what is to stay free. Pure.
 *
 * @param trees bytes of a tree of each project
 * @param atOnce projects that have one at once
 */
export function diskFindings(
  folder: string,
  { free, size }: Space,
  { limit, trees, atOnce }: { limit: string | number; trees: readonly number[]; atOnce: number },
): Finding[] {
  const keep = bytesToKeep(limit, size);
  const largest = trees.toSorted((a, b) => b - a).slice(0, atOnce);
  const need = TREES * largest.reduce((sum, bytes) => sum + bytes, 0);
  if (free - need >= keep) return [];
  const taken = need === 0 ? '' : `, worktrees take about ${formatBytes(need)}`;
  return [
    error(
      `The disk is too small: ${formatBytes(free)} are free where ${folder} lies${taken}, and ${formatBytes(keep)} are to stay free (limits.diskFree)`,
      'Free some space, for example with df clean, or let fewer projects have a worktree at once (limits.openProjects)',
    ),
  ];
}
