import { useEffect, useMemo, useState } from 'preact/hooks';
import { type Loaded, useDocument, useLive } from '../data/use.ts';
import type { Shown } from './groups.ts';

/** The projects, the newest first. Asked for once; each that changes comes by itself. */
export function useRows(): Loaded<Shown[]> {
  const live = useLive();
  const first = useDocument<Shown[]>('/overview', () => false);
  const [changed, setChanged] = useState<ReadonlyMap<string, Shown>>(new Map());
  useEffect(() => live.onRow((row) => setChanged((before) => new Map(before).set(row.id, row))), [live]);
  // What was asked for anew is as new as what came before.
  useEffect(() => setChanged(new Map()), [first.data]);
  const data = useMemo(() => {
    if (first.data === undefined) return undefined;
    const known = new Set(first.data.map(({ id }) => id));
    const fresh = [...changed.values()].filter(({ id }) => !known.has(id)).toReversed();
    return [...fresh, ...first.data.map((each) => changed.get(each.id) ?? each)];
  }, [first.data, changed]);
  return { ...first, data };
}
