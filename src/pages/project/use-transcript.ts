import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get } from '../data/api.ts';
import { useDocument } from '../data/use.ts';
import { addEarlier, addNewest, type Seen } from './steps.ts';
import type { StepShown } from './types.ts';

/** Steps that are asked for with each event, and that are added at a time. */
const NEWEST = 50;
const EARLIER = 200;

/** The newest steps as they come, and the earlier ones when they are wanted: those change no more, and are asked for once. */
export function useTranscript(id: string) {
  const path = `/projects/${id}/transcript`;
  const { data, error, headers } = useDocument<StepShown[]>(
    `${path}?last=${NEWEST}`,
    ({ projectId }) => projectId === id,
  );
  const [seen, setSeen] = useState<Seen>();
  useEffect(() => {
    if (data !== undefined) setSeen((before) => addNewest(before, placed(data, headers)));
  }, [data]);
  const asking = useRef(false);
  const loadEarlier = useCallback(async () => {
    if (asking.current || seen === undefined || seen.earlier === 0) return;
    asking.current = true;
    try {
      const { signal } = new AbortController();
      const { data: steps, headers: told } = await get<StepShown[]>(
        `${path}?last=${EARLIER}&skip=${seen.steps.length}`,
        signal,
      );
      setSeen((now) => (now === undefined ? now : addEarlier(now, placed(steps, told))));
    } catch {
      // The page says that it is not current; the button is still there.
    } finally {
      asking.current = false;
    }
  }, [path, seen]);
  return { seen, error, loadEarlier };
}

function placed(steps: StepShown[], headers: Headers | undefined): Seen {
  return { steps, earlier: Number(headers?.get('X-Earlier-Steps') ?? 0) };
}
