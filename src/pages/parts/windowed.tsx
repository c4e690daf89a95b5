import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface WindowedProps<T> {
  items: readonly T[];
  /** Items of a block: what is near the view is shown a block at a time. */
  size: number;
  /** Of an item that was never shown, with what stands beside it. Pixels. */
  height: number;
  /** The first item's place among all, where some are not there yet. */
  first?: number;
  /** @param index among `items` */
  render(items: readonly T[], index: number): ComponentChildren;
}

/**
 * A long list of which only what is near the view is in the document; the rest is empty space of about the same height. A block that has
 * the focus stays, so that nobody who goes by keyboard is thrown out.
 */
export function Windowed<T>({ items, size, height, first = 0, render }: WindowedProps<T>) {
  const blocks: ComponentChildren[] = [];
  // Blocks keep their items when more come before the first.
  const lead = first % size;
  for (let start = -lead; start < items.length; start += size) {
    const from = Math.max(0, start);
    const part = items.slice(from, start + size);
    blocks.push(
      <Block key={first + start} height={part.length * height} shown={blocks.length === 0}>
        {() => render(part, from)}
      </Block>,
    );
  }
  return <>{blocks}</>;
}

/** How far from the view a block is shown already: as much as the view is high. */
const MARGIN = '100% 0px';

function Block({
  height,
  shown,
  children,
}: {
  height: number;
  shown: boolean;
  children: () => ComponentChildren;
}) {
  const place = useRef<HTMLDivElement>(null);
  const measured = useRef(height);
  const [isNear, setNear] = useState(shown);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const watch = new IntersectionObserver(
      (entries) => {
        const entry = entries.at(-1);
        if (entry === undefined) return;
        if (!entry.isIntersecting) {
          if (box.contains(document.activeElement)) return;
          if (box.childElementCount > 0) measured.current = entry.boundingClientRect.height;
        }
        setNear(entry.isIntersecting);
      },
      { rootMargin: MARGIN },
    );
    watch.observe(box);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={place} class="block" style={isNear ? undefined : { height: `${measured.current}px` }}>
      {isNear ? children() : null}
    </div>
  );
}

/** What a screen reader says of an item's place in a list of which a part is there. */
export function placeIn(index: number, total: number): { 'aria-posinset': number; 'aria-setsize': number } {
  return { 'aria-posinset': index + 1, 'aria-setsize': total };
}

/** A search of the browser sees what is in the document alone. @param command that shows all */
export function PartOnly({ total, most, command }: { total: number; most: number; command: string }) {
  if (total <= most) return null;
  return (
    <p class="facts">
      What is far from the view is not in the page, so the browser's search does not find it:{' '}
      <code>{command}</code> shows all.
    </p>
  );
}
