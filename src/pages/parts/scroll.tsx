import type { ComponentChildren } from 'preact';

/** What may be wider than the page: it is scrolled by itself, by keyboard too. @param label read out with it */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
