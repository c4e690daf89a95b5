import { useEffect } from 'preact/hooks';
import { useLive } from '../data/use.ts';

/** Does it again and again while somebody looks at the page, and whoever it would ask knows the page's token. */
export function useEvery(ms: number, act: () => void): void {
  const live = useLive();
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && live.state() !== 'refused') act();
    }, ms);
    return () => clearInterval(timer);
  }, [ms, act, live]);
}
