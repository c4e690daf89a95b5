/** Prometheus' text format, version 0.0.4. Pure. */

export interface Sample {
  /** Values may be any text. */
  labels?: Readonly<Record<string, string>>;
  value: number;
  /** Behind the metric's name: `_bucket`, `_sum`, `_count` of a histogram. */
  suffix?: string;
}

export interface Metric {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*` */
  name: string;
  help: string;
  type: 'gauge' | 'counter' | 'histogram';
  samples: readonly Sample[];
}

/** Metrics of one name must come as one. */
export function exposition(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, help, type, samples }) => [
    `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(
      ({ suffix = '', labels = {}, value }) => `${name}${suffix}${labelsText(labels)} ${numberText(value)}`,
    ),
  ]);
  return `${lines.join('\n')}\n`;
}

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** @param bounds upper bounds, ascending, without infinity */
export function histogram(
  name: string,
  help: string,
  bounds: readonly number[],
  values: readonly number[],
): Metric {
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound) => ({
    suffix: '_bucket',
    labels: { le: numberText(bound) },
    value: values.filter((each) => each <= bound).length,
  }));
  const sum = { suffix: '_sum', value: values.reduce((total, each) => total + each, 0) };
  return {
    name,
    help,
    type: 'histogram',
    samples: [...buckets, sum, { suffix: '_count', value: values.length }],
  };
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${labelValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function labelValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return String(value);
}
