import { execFileSync } from 'node:child_process';
import type { ForgePullState, ForgeState } from './state.ts';

export interface FileDiff {
  old_path: string;
  new_path: string;
  /** Hunks. */
  diff: string;
}

/** What a pull request shows: from where its branch began to its head, with three lines around each change. */
export function diffsOf(
  state: ForgeState,
  { base, branch }: Pick<ForgePullState, 'base' | 'branch'>,
): FileDiff[] {
  const from = state.mergeBase(base, branch);
  if (from === null) return [];
  const args = ['--git-dir', state.bare(), 'diff', '--no-color', '-M', '-U3', from, branch];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split(/^diff --git /m)
    .slice(1)
    .map((part) => {
      const [, first = '', second = ''] = /^a\/(.*) b\/(.*)$/m.exec(part) ?? [];
      const at = part.search(/^@@ /m);
      return { old_path: first, new_path: second, diff: at < 0 ? '' : part.slice(at) };
    });
}

/** The lines that a diff shows: of the old side, of the new one, or of both. */
export function shownLines({ diff }: FileDiff): { old?: number; now?: number }[] {
  let [old, now] = [0, 0];
  return diff.split('\n').flatMap((row): { old?: number; now?: number }[] => {
    const [, oldStart, newStart] = /^@@ -(\d+)\S* \+(\d+)/.exec(row) ?? [];
    if (oldStart !== undefined) [old, now] = [Number(oldStart), Number(newStart)];
    if (row.startsWith(' ')) return [{ old: old++, now: now++ }];
    if (row.startsWith('-')) return [{ old: old++ }];
    return row.startsWith('+') ? [{ now: now++ }] : [];
  });
}
