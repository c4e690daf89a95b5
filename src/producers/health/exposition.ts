import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Sample {
  /** Values may be any text. */
  labels?: Readonly<Record<string, string>>;
  value: number;
}

/** A figure as it is at the moment of asking. */
export type Metric =
  | { type: 'gauge'; name: string; help: string; samples: readonly Sample[] }
  /** A sum over all time, which never falls. Its name ends in `_total`. */
  | { type: 'counter'; name: string; help: string; samples: readonly Sample[] }
  /** `bounds`: upper bounds, ascending, without infinity. */
  | { type: 'histogram'; name: string; help: string; bounds: readonly number[]; values: readonly number[] };

/** Media type of Prometheus' text format. */
export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Metrics in Prometheus' text format; those of one name must come as one. */
export function exposition(metrics: readonly Metric[]): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  for (const metric of metrics) {
    const { name, help } = metric;
    if (metric.type === 'histogram') {
      const histogram = new Histogram({ name, help, registers, buckets: [...metric.bounds] });
      for (const value of metric.values) histogram.observe(value);
      continue;
    }
    // Without labels a gauge begins at 0, which would stand for what is not known.
    if (metric.samples.length === 0) continue;
    const labelNames = [...new Set(metric.samples.flatMap(({ labels = {} }) => Object.keys(labels)))];
    if (metric.type === 'counter') {
      const counter = new Counter({ name, help, labelNames, registers });
      for (const { labels = {}, value } of metric.samples) counter.inc({ ...labels }, value);
      continue;
    }
    const gauge = new Gauge({ name, help, labelNames, registers });
    for (const { labels = {}, value } of metric.samples) gauge.set({ ...labels }, value);
  }
  return registry.metrics();
}
