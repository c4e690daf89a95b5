import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

/**
 * Shows the first of many, and more of them when asked: a page with a hundred thousand lines would hold up the browser.
 *
 * @param step how many more at a time
 * @returns how many are shown, and the button for more
 */
export function useMore(total: number, first: number, step: number): [number, ComponentChildren] {
  const [shown, setShown] = useState(first);
  const more = Math.min(step, total - shown);
  return [
    shown,
    more <= 0 ? null : (
      <p>
        <button type="button" class="quiet" onClick={() => setShown(shown + step)}>
          Show {more.toLocaleString()} more of {total.toLocaleString()}
        </button>
      </p>
    ),
  ];
}
