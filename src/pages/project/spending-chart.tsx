import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { count, usd } from '../parts/words.ts';
import { addedUp } from './added-up.ts';
import type { CostShown } from './types.ts';

const HEIGHT = 220;

/** Known cost, and tokens, as they added up. The tables below say the same in words. */
export function SpendingChart({ entries }: { entries: readonly CostShown[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    const chart = new uPlot(optionsFor(box), sums(entries), box);
    const fit = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    fit.observe(box);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => chart.redraw();
    dark.addEventListener('change', redraw);
    return () => {
      dark.removeEventListener('change', redraw);
      fit.disconnect();
      chart.destroy();
    };
  }, [entries]);
  const { cost = 0, tokens = 0 } = addedUp(entries).at(-1) ?? {};
  const words = `${usd(cost)} and ${count(tokens, 'token')} in ${count(entries.length, 'request')}`;
  return <div ref={place} class="chart" role="img" aria-label={`Over time: ${words}`} />;
}

function sums(entries: readonly CostShown[]): uPlot.AlignedData {
  const rows = addedUp(entries);
  return [rows.map(({ at }) => at), rows.map((each) => each.cost), rows.map((each) => each.tokens)];
}

function optionsFor(box: HTMLElement): uPlot.Options {
  // Asked at each drawing, so that it follows light and dark.
  const inScheme = (name: string) => () => {
    const probe = document.createElement('i');
    probe.style.color = `var(${name})`;
    box.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const axis = { stroke: inScheme('--quiet'), grid: { stroke: inScheme('--line') } };
  return {
    width: box.clientWidth,
    height: HEIGHT,
    scales: { usd: { range: fromZero }, tokens: { range: fromZero } },
    axes: [
      axis,
      { ...axis, scale: 'usd', size: 70, values: (_, ticks) => ticks.map(usd) },
      {
        ...axis,
        grid: { show: false },
        scale: 'tokens',
        side: 1,
        size: 70,
        values: (_, ticks) => ticks.map((each) => each.toLocaleString(undefined, { notation: 'compact' })),
      },
    ],
    series: [
      {},
      { label: 'cost', scale: 'usd', stroke: inScheme('--link'), width: 2, value: (_, at) => usd(at ?? 0) },
      {
        label: 'tokens',
        scale: 'tokens',
        stroke: inScheme('--good'),
        width: 2,
        dash: [6, 4],
        value: (_, at) => (at ?? 0).toLocaleString(),
      },
    ],
  };
}

function fromZero(_chart: uPlot, _least: number, most: number): uPlot.Range.MinMax {
  return [0, most > 0 ? most * 1.05 : 1];
}
