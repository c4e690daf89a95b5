/** Which project stands where in the overview. */
import type { OverviewRow } from '../../producers/documents/overview.ts';
import type { Wire } from '../data/wire.ts';

export type Shown = Wire<OverviewRow>;
export type GroupName = 'needs' | 'working' | 'waiting' | 'proved' | 'failed';

export const GROUPS: Readonly<Record<GroupName, { title: string; empty: string }>> = {
  needs: { title: 'Needs you', empty: 'Nothing needs you.' },
  working: { title: 'At work', empty: 'Nobody is at work.' },
  waiting: { title: 'Waiting', empty: 'Nothing waits.' },
  proved: { title: 'Proved', empty: 'Nothing is proved yet.' },
  failed: { title: 'Failed', empty: 'Nothing failed.' },
};

type Standing = Pick<Shown, 'status' | 'waiting' | 'started' | 'need'>;

function groupOf({ status, waiting, started, need }: Standing): GroupName {
  if (need !== undefined) return 'needs';
  if (status === 'completed') return 'proved';
  if (status === 'failed' || status === 'timeout') return 'failed';
  if (!started) return 'needs';
  return waiting === undefined ? 'working' : 'waiting';
}

/** @param wanted a part of the name or of the repository; empty: all */
export function grouped(projects: readonly Shown[], wanted = ''): Record<GroupName, Shown[]> {
  const text = wanted.trim().toLowerCase();
  const groups: Record<GroupName, Shown[]> = { needs: [], working: [], waiting: [], proved: [], failed: [] };
  for (const each of projects)
    if (`${each.name} ${each.repository}`.toLowerCase().includes(text)) groups[groupOf(each)].push(each);
  return groups;
}
