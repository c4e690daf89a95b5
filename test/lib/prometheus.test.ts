import { describe, expect, it } from 'vitest';
import { exposition, histogram } from '../../src/lib/prometheus.ts';

describe('the exposition', () => {
  it('escapes help and label values, so that no value can make a line of its own', () => {
    const value = 'a"b\\c\nd 1\n# TYPE x gauge';
    const text = exposition([
      { name: 'm', help: 'one\\two\nthree', type: 'gauge', samples: [{ labels: { l: value }, value: 1 }] },
    ]);
    expect(text).toBe(
      '# HELP m one\\\\two\\nthree\n# TYPE m gauge\nm{l="a\\"b\\\\c\\nd 1\\n# TYPE x gauge"} 1\n',
    );
  });

  it('writes every number in a form that Prometheus reads', () => {
    const samples = [0, -1.5, 1e-9, 1e21, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const text = exposition([
      { name: 'm', help: 'h', type: 'gauge', samples: samples.map((value) => ({ value })) },
    ]);
    expect(text.split('\n').slice(2, -1)).toEqual([
      'm 0',
      'm -1.5',
      'm 1e-9',
      'm 1e+21',
      'm NaN',
      'm +Inf',
      'm -Inf',
    ]);
  });

  it('makes cumulative buckets that end with all, a sum and a count', () => {
    expect(exposition([histogram('t', 'h', [1, 2], [0.5, 1, 1.5, 9])])).toBe(
      [
        '# HELP t h',
        '# TYPE t histogram',
        't_bucket{le="1"} 2',
        't_bucket{le="2"} 3',
        't_bucket{le="+Inf"} 4',
        't_sum 12',
        't_count 4',
        '',
      ].join('\n'),
    );
  });
});
