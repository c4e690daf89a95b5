import { describe, expect, it } from 'vitest';
import {
  changedValues,
  changedWords,
  successorsOf,
  tellingWords,
} from '../../../../src/factory/gates/proof/lives-on.ts';

const tests = (all: Record<string, string>) => new Map(Object.entries(all));

describe('a test with another title', () => {
  const old = tests({
    'gives null for a bad limit': "const r = options({ limit: 'bad' }, 'json'); equal(r.limit, null)",
    stays: 'equal(options({}), 1)',
  });

  it('may live on in the new ones that say most of the same, the likeliest first', () => {
    const now = tests({
      stays: 'equal(options({}), 1)',
      'takes zero': 'equal(options({ limit: 0 }).limit, 0)',
      'throws for a bad limit': "throws(() => options({ limit: 'bad' }, 'json'), /limit/)",
      'gives null for none': "const r = options({ limit: undefined }, 'json'); equal(r.limit, null)",
    });
    expect(successorsOf(old, now)).toEqual({
      'gives null for a bad limit': ['gives null for none', 'throws for a bad limit'],
    });
  });

  it('does not live on in one about something else', () => {
    expect(successorsOf(old, tests({ stays: '', other: 'equal(round(1.5), 2)' }))).toEqual({});
  });
});

describe('what a text is about', () => {
  it('is told by words that are not those of every test and assignment, parts of names included', () => {
    expect([...tellingWords('Fix the test: return a `throwOnTimeout` error when timeouts happen')]).toEqual([
      'timeout',
      'happen',
    ]);
  });

  it('counts for a test by its title and by what changed in it', () => {
    const old = "const cart = open('basket');\nequal(cart.discount, 10);";
    expect(changedWords('gives it', old, old.replace('10', '15'))).toEqual(['give', 'cart', 'discount']);
  });
});

describe('the values of a changed test', () => {
  it('are those that one of its texts has and the other has not', () => {
    expect(changedValues("is(f('a'), null)\nis(g(), 1)", "is(f('a'), undefined)\nis(g(), 1)")).toEqual({
      before: ['null'],
      after: ['undefined'],
    });
    expect(changedValues("is(f(10), 'http://a.b')", "is(f(12.5), 'https://a.b')")).toEqual({
      before: ['10', 'http://a.b'],
      after: ['12.5', 'https://a.b'],
    });
    expect(changedValues('is(nullable, x.true, a1)', 'is(other)')).toEqual({ before: [], after: [] });
  });
});
