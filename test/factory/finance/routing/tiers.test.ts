import { describe, expect, test } from 'vitest';
import { config as configSchema } from '../../../../src/factory/config/config.ts';
import { isTier, tierOf, tierProblems } from '../../../../src/factory/finance/routing/tiers.ts';

const said = (settings: object) =>
  configSchema
    .safeParse(settings)
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

describe('tiers at the door', () => {
  test.each([
    ['an empty tier', { tiers: { small: [] } }, /tiers\.small: a tier without providers/],
    ['a provider named twice', { tiers: { small: ['a', 'a'] } }, /tiers\.small: .*twice/],
    ['a routing to no tier', { routing: { default: 'huge' } }, /routing\.default/],
    [
      'one to a tier that is not there',
      { routing: { judge: 'large' } },
      /routing\.judge: there is no tier large: tiers has none/,
    ],
    [
      'an escalation to one',
      { tiers: { small: ['a'] }, routing: { escalate: { to: 'large' } } },
      /routing\.escalate\.to: there is no tier large: tiers has small/,
    ],
    [
      'an escalation to nowhere',
      { tiers: { small: ['a'] }, routing: { escalate: { afterRedGates: 2 } } },
      /routing\.escalate\.to/,
    ],
    [
      'no red gate at all',
      { tiers: { small: ['a'] }, routing: { escalate: { afterRedGates: 0, to: 'small' } } },
      /afterRedGates/,
    ],
  ])('%s is refused, and where', (_what, settings, expected) => {
    expect(said(settings).join('\n')).toMatch(expected);
  });

  test('all of it together is fine', () => {
    expect(
      said({
        tiers: { small: ['a'], large: ['b', 'c'] },
        routing: {
          default: 'small',
          summarise: 'small',
          judge: 'large',
          escalate: { afterRedGates: 1, to: 'large' },
        },
      }),
    ).toEqual([]);
  });
});

describe('a tier and the providers there are', () => {
  const tiers = { small: ['a', 'gone'], large: ['b'] };

  test('a provider is of the smallest tier that names it', () => {
    expect(tierOf({ ...tiers, large: ['a', 'b'] }, 'a')).toBe('small');
    expect(tierOf(tiers, 'b')).toBe('large');
    expect(tierOf(tiers, 'c')).toBeUndefined();
    expect(isTier(tiers, 'medium')).toBe(false);
  });

  test('what is wrong is told with what to do', () => {
    const [unknown, off] = tierProblems(tiers, [
      { id: 'a', enabled: true },
      { id: 'b', enabled: false },
    ]);
    expect(unknown).toMatchObject({ tier: 'small', works: true, problem: expect.stringContaining('gone') });
    expect(off).toMatchObject({ tier: 'large', works: false, remedy: expect.stringContaining('enable b') });
    const all = ['a', 'gone', 'b'].map((id) => ({ id, enabled: true }));
    expect(tierProblems(tiers, all)).toEqual([]);
  });
});
