import { describe, expect, it } from 'vitest';
import { exposition } from '../../src/producers/health/exposition.ts';

describe('the exposition', () => {
  it('lets no label value make a line of its own', async () => {
    const value = 'a"b\\c\nd 1\n# TYPE x gauge';
    const text = await exposition([
      { name: 'm', help: 'one\ntwo', type: 'gauge', samples: [{ labels: { l: value }, value: 1 }] },
    ]);
    expect(text.trimEnd().split('\n')).toHaveLength(3);
    expect(text).toContain('m{l="a\\"b\\\\c\\nd 1\\n# TYPE x gauge"} 1');
  });

  it('says nothing of what is not known', async () => {
    const text = await exposition([{ name: 'm', help: 'h', type: 'gauge', samples: [] }]);
    expect(text.trim()).toBe('');
  });

  it('makes cumulative buckets that end with all, a sum and a count', async () => {
    const text = await exposition([
      { name: 't', help: 'h', type: 'histogram', bounds: [1, 2], values: [0.5, 1, 1.5, 9] },
    ]);
    for (const line of [
      't_bucket{le="1"} 2',
      't_bucket{le="2"} 3',
      't_bucket{le="+Inf"} 4',
      't_sum 12',
      't_count 4',
    ])
      expect(text.split('\n')).toContain(line);
  });
});
