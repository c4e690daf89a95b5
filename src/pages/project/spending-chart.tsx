import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { count, usd } from '../parts/words.ts';
import type { CostShown } from './types.ts';

const HEIGHT = 220;

/** Cost and tokens as they added up. The tables below say the same in words. */
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
  const [cost, tokens] = [entries.map((each) => each.cost), entries.map((each) => each.tokensUsed)].map(
    total,
  );
  const words = `${usd(cost ?? 0)} and ${count(tokens ?? 0, 'token')} in ${count(entries.length, 'request')}`;
  return <div ref={place} class="chart" role="img" aria-label={`Over time: ${words}`} />;
}

const total = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0);

function sums(entries: readonly CostShown[]): uPlot.AlignedData {
  let [cost, tokens] = [0, 0];
  const rows = [...entries]
    .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))
    .map((each) => {
      cost += each.cost;
      tokens += each.tokensUsed;
      return { at: Date.parse(each.timestamp) / 1_000, cost, tokens };
    });
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
