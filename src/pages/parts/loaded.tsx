import type { ComponentType } from 'preact';
import { lazy } from 'preact/compat';
import { useEffect } from 'preact/hooks';
import { useLiveState } from '../data/use.ts';

/**
 * A part that is loaded when it is first shown. Where its script cannot be had, since the server is away or has another one since an
 * upgrade, the whole page is loaded again as soon as the server answers.
 */
export function loaded<Props>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  return lazy(() => load().catch(() => LoadAgain as ComponentType<Props>));
}

const LAST = 'loaded-again';
/** A page that fails again at once would otherwise be loaded for ever. Milliseconds. */
const LEAST_BETWEEN_MS = 30_000;

function LoadAgain() {
  const state = useLiveState();
  useEffect(() => {
    const now = Date.now();
    if (state !== 'live' || now - Number(sessionStorage.getItem(LAST) ?? 0) < LEAST_BETWEEN_MS) return;
    sessionStorage.setItem(LAST, String(now));
    location.reload();
  }, [state]);
  return (
    <p class="problem" role="alert">
      <strong>This part could not be loaded.</strong> It is tried again when the server answers; or load the
      page again.
    </p>
  );
}
