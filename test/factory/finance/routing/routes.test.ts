import { describe, expect, test } from 'vitest';
import { config as configSchema } from '../../../../src/factory/config/config.ts';
import {
  type Asking,
  isOnRoute,
  routeAtWork,
  routesOf,
} from '../../../../src/factory/finance/routing/routes.ts';
import { AUDITOR } from '../../../../src/factory/model/agents.ts';
import { SEALER } from '../../../../src/factory/model/sealing/sealer.ts';

const TIERS = { small: ['s1', 's2'], medium: ['m1'], large: ['l1'] };
const ROUTING = {
  ...{ default: 'medium', summarise: 'small', judge: 'large' },
  escalate: { afterRedGates: 2, to: 'large' },
};
const configOf = (routing: object = ROUTING, tiers: object = TIERS) => configSchema.parse({ tiers, routing });

/** @param own what the persona asks for, @param kept what the project does */
function routes(
  asking: Asking,
  { own, kept, routing }: { own?: string; kept?: string; routing?: object } = {},
) {
  const engineer = { templateName: 'engineer', ...(own === undefined ? {} : { model: own }) };
  const project = {
    personas: [engineer, { templateName: 'tester' }],
    settings: kept === undefined ? {} : { model: kept },
  };
  return routesOf(configOf(routing), project, asking);
}
const engineer = { persona: 'engineer' };

describe('what a call is kept to', () => {
  test('is nothing where its owner has made no tiers', () => {
    const config = configSchema.parse({});
    const project = { personas: [{ templateName: 'engineer' }], settings: {} };
    for (const persona of ['engineer', AUDITOR, SEALER])
      for (const operation of ['chat', 'compaction', 'audit'] as const)
        expect(routesOf(config, project, { persona, operation })).toEqual([null]);
  });

  test.each([
    ['the default', {}, {}, 'medium'],
    ["the project's model before that", {}, { kept: 'small' }, 'small'],
    ["the persona's before that", {}, { own: 'large', kept: 'small' }, 'large'],
    ['an escalation before all', { escalatedTo: 'large' }, { own: 's1', kept: 'm1' }, 'large'],
    ['the tier for summaries', { operation: 'compaction' }, { own: 'large' }, 'small'],
    ['also while the work is escalated', { operation: 'compaction', escalatedTo: 'large' }, {}, 'small'],
  ] as const)('%s', (_what, asking, asked, expected) => {
    expect(routes({ ...engineer, ...asking }, asked)[0]).toBe(expected);
  });

  test('another persona of the project does not have the wish of the first', () => {
    expect(routes({ persona: 'tester' }, { own: 'large' })[0]).toBe('medium');
  });

  test('whoever judges or seals is kept to neither the default nor the model of the project: it is meant to be another', () => {
    expect(routes({ persona: AUDITOR, operation: 'audit' }, { kept: 'm1' })[0]).toBe('large');
    const free = { default: 'medium' };
    expect(routes({ persona: AUDITOR, operation: 'audit' }, { routing: free })).toEqual([null]);
    expect(routes({ persona: SEALER, operation: 'sealing' }, { kept: 'm1' })).toEqual([null]);
    const sealed = {
      personas: [],
      settings: { sealWith: { persona: 'tester', command: 'x', show: 'none' as const, model: 'small' } },
    };
    expect(routesOf(configOf(), sealed, { persona: SEALER })[0]).toBe('small');
  });
});

describe('a tier of which no provider can be used', () => {
  test('is followed by what would have come next, and at last by the default', () => {
    expect(routes({ ...engineer, escalatedTo: 'large' }, { own: 'small' })).toEqual([
      'large',
      'small',
      'medium',
    ]);
    expect(routes({ persona: AUDITOR, operation: 'audit' })).toEqual(['large', 'medium']);
    expect(routes({ ...engineer, operation: 'compaction' })).toEqual(['small', 'medium']);
  });

  test('is waited for where it is the default itself, and where its owner wants that', () => {
    expect(routes(engineer)).toEqual(['medium']);
    const routing = { ...ROUTING, unavailable: 'wait' };
    expect(routes({ ...engineer, escalatedTo: 'large' }, { own: 'small', routing })).toEqual(['large']);
  });

  test('is followed by any provider where there is no default', () => {
    expect(routes(engineer, { own: 'small', routing: {} })).toEqual(['small', null]);
  });

  test('is followed by no more than the provider that the project is kept to by name', () => {
    expect(routes(engineer, { own: 'small', kept: 'm1' })).toEqual(['small', 'm1']);
    expect(routes(engineer, { own: 'm1', kept: 'small' })).toEqual(['m1']);
  });
});

describe('a conversation that went on with a substitute', () => {
  const project = { personas: [{ templateName: 'engineer', model: 'small' }], settings: {} };
  const at = (held: { wanted: string; instead: string } | undefined) =>
    routeAtWork(configOf(), project, engineer, held);

  test('stays with it, until something else is wanted or nothing is held any more', () => {
    expect(at({ wanted: 'small', instead: 'medium' })).toBe('medium');
    expect(at({ wanted: 'small', instead: 'any' })).toBeNull();
    expect(at({ wanted: 'large', instead: 'medium' })).toBe('small');
    expect(at(undefined)).toBe('small');
  });

  test('must fit the providers that it may come to, and no others', () => {
    const of = (route: string | null) =>
      [
        { id: 's1', model: 'x' },
        { id: 'm1', model: 'y' },
      ].filter(isOnRoute(configOf().tiers, route));
    expect(of('small').map(({ id }) => id)).toEqual(['s1']);
    expect(of('y').map(({ id }) => id)).toEqual(['m1']);
    expect(of('m1').map(({ id }) => id)).toEqual(['m1']);
    expect(of(null)).toHaveLength(2);
  });
});
