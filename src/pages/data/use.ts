import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from './api.ts';
import { type Asker, createAsker } from './asker.ts';
import type { Happened, Live, LiveState } from './live.ts';

/** The stream of the page, given by the application. */
export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('there is no stream');
  return live;
}

export function useLiveState(): LiveState {
  const live = useLive();
  const [state, setState] = useState(live.state());
  useEffect(() => {
    setState(live.state());
    return live.onState(setState);
  }, [live]);
  return state;
}

export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | undefined;
  /** Of the answer with the data. */
  headers: Headers | undefined;
  /** Asks again: now, or after the answer that is on its way. */
  reload(): void;
}

type Load<T> = (path: string, signal: AbortSignal) => Promise<{ data: T; headers: Headers }>;

/** Events come in bursts. Milliseconds between the first of them and the next look. */
const SETTLE_MS = 150;

/**
 * A document of the API, asked for again when something happened that concerns it, and when the stream was cut.
 *
 * @param path below `/api/v1`; `null`: nothing is asked for
 * @param concerns which events may have changed it. Default: all
 * @param load how it is asked for; the one of the first call is kept
 */
export function useDocument<T>(
  path: string | null,
  concerns?: (event: Happened) => boolean,
  load: Load<T> = get<T>,
): Loaded<T> {
  const live = useLive();
  const [loaded, setLoaded] = useState<{
    path: string | null;
    data?: T;
    headers?: Headers;
    error?: ApiError;
  }>({ path });
  const asked = useRef(concerns);
  asked.current = concerns;
  const loading = useRef(load);
  const asker = useRef<Asker | null>(null);
  const reload = useCallback(() => asker.current?.ask(), []);
  useEffect(() => {
    if (path === null) return;
    const made = createAsker({
      load: (signal) => loading.current(path, signal),
      onFound: (found) => setLoaded({ path, ...found }),
      onFailed(error) {
        const shown = error instanceof ApiError ? error : new ApiError(0, 'failed', String(error), '');
        setLoaded((before) => (before.path === path ? { ...before, error: shown } : { path, error: shown }));
      },
    });
    asker.current = made;
    made.ask();
    return () => {
      made.stop();
      asker.current = null;
    };
  }, [path]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, SETTLE_MS);
    };
    const stop = [
      live.onEvent((event) => {
        if (asked.current?.(event) !== false) soon();
      }),
      live.onState((state) => {
        if (state === 'live') soon();
      }),
    ];
    return () => {
      clearTimeout(timer);
      for (const each of stop) each();
    };
  }, [live, reload]);
  const { data, error, headers }: Omit<typeof loaded, 'path'> = loaded.path === path ? loaded : {};
  return { data, error, headers, reload };
}

/**
 * What is asked for again when the project has changed and when the stream was cut, not at each of its events.
 *
 * @param changedAt another value: it has changed
 */
export function useMade<T>(path: string, changedAt: string, load: Load<T>): Loaded<T> {
  const loaded = useDocument<T>(path, () => false, load);
  const { reload } = loaded;
  const seen = useRef(changedAt);
  useEffect(() => {
    if (seen.current === changedAt) return;
    seen.current = changedAt;
    reload();
  }, [changedAt, reload]);
  return loaded;
}
