import { describe, expect, test } from 'vitest';
import { config as configSchema } from '../../../../src/factory/config/config.ts';
import {
  notPermitted,
  permits,
  purposesOf,
  requireProviders,
  usableFor,
} from '../../../../src/factory/finance/calls/scope.ts';
import { FACTORY } from '../../../../src/factory/finance/deps.ts';
import { updateProvider } from '../../../../src/factory/finance/providers/provider-update.ts';
import { AUDITOR } from '../../../../src/factory/model/agents.ts';
import { SEALER } from '../../../../src/factory/model/sealing/sealer.ts';
import { addProject, openStore } from '../../../state/samples.ts';
import { withFolder } from '../../../state/support.ts';
import { at, provider } from '../fixtures.ts';

const config = configSchema.parse({});
const purpose = (persona: string, ...projects: string[]) => ({ personas: [persona], projects });

test.concurrent('a project that is kept to a model works with providers of that id or model; whoever judges it is free', () =>
  withFolder(async (folder) => {
    const { store } = openStore(folder);
    const { id } = await addProject(store, {
      settings: { commands: {}, allowGateChanges: false, model: 'a' },
    });
    const [a, b] = [provider('a'), provider('b')];
    const allowed = async (persona: string) => {
      const [found] = (await purposesOf({ state: store, config }, id, { persona })) ?? [];
      return [a, b].filter((each) => found !== undefined && permits(each, found)).map((each) => each.id);
    };
    expect(await allowed('engineer')).toEqual(['a']);
    expect(await allowed(AUDITOR)).toEqual(['a', 'b']);
    expect(await usableFor({ state: store, config }, id, [at(a), at(b)])).toEqual([at(a)]);
    expect(notPermitted([b], { personas: ['engineer'], projects: [], model: 'a' })).toContain('kept to a');
  }));

describe.concurrent('a provider that is limited', () => {
  test('works for all without limits, and only for those that both limits name', () => {
    const both = provider('a', { personas: ['engineer'], projects: ['p1'] });
    expect(permits(provider('a'), purpose('anybody', 'p9'))).toBe(true);
    expect(permits(both, purpose('engineer', 'p1'))).toBe(true);
    expect(permits(both, purpose('engineer', 'p2'))).toBe(false);
    expect(permits(both, purpose('reviewer', 'p1'))).toBe(false);
    expect(permits(both, purpose(AUDITOR, 'p1'))).toBe(false);
  });

  test('works for what was forked from its project, by id or name, and for whoever seals in the place of its persona', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const root = await addProject(store, { name: 'shop' });
      const child = await addProject(store, { name: 'shop-a', parentProjectId: root.id });
      const grandchild = await addProject(store, { name: 'shop-a-b', parentProjectId: child.id });
      const other = await addProject(store, { name: 'other' });
      const may = async (id: string, limits: object, persona = 'engineer') => {
        const [found] = (await purposesOf({ state: store, config }, id, { persona })) ?? [];
        return found === undefined || permits(provider('a', limits), found);
      };
      for (const projects of [[root.id], ['shop']]) {
        expect(await may(root.id, { projects })).toBe(true);
        expect(await may(grandchild.id, { projects })).toBe(true);
        expect(await may(other.id, { projects })).toBe(false);
      }
      expect(await may(root.id, { projects: [child.id] })).toBe(false);
      expect(await may(FACTORY, { projects: ['shop'], personas: ['nobody'] })).toBe(true);
      const sealed = await addProject(store, {
        settings: {
          ...{ commands: {}, allowGateChanges: false },
          sealWith: { persona: 'tester', command: 'npm test', show: 'names' },
        },
      });
      expect(await may(sealed.id, { personas: ['tester'] }, SEALER)).toBe(true);
      expect(await may(sealed.id, { personas: [SEALER] }, SEALER)).toBe(true);
      expect(await may(sealed.id, { personas: ['engineer'] }, SEALER)).toBe(false);
      // Whoever waits is woken by a provider that may work for it, and by no other.
      const all = [at(provider('open')), at(provider('far', { projects: ['other'] }))];
      expect(await usableFor({ state: store, config }, root.id, all)).toEqual([all[0]]);
      expect(await usableFor({ state: store, config }, other.id, all)).toEqual(all);
    }));

  test('a project that one of its roles could never be answered in is told so before it begins', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const project = await addProject(store);
      const set = (...providers: ReturnType<typeof provider>[]) =>
        store.providers().update((file) => ({ ...file, providers }));
      await set(provider('a', { personas: ['engineer'] }));
      await expect(requireProviders({ state: store, config }, project)).rejects.toMatchObject({
        code: 'provider_not_permitted',
        message: expect.stringContaining(AUDITOR),
      });
      await set(provider('a', { personas: ['engineer'] }), provider('b', { personas: [AUDITOR] }));
      await requireProviders({ state: store, config }, project);
      // One that is switched off answers nobody.
      await set(provider('a', { personas: ['engineer'] }), provider('b', { enabled: false }));
      await expect(requireProviders({ state: store, config }, project)).rejects.toMatchObject({
        code: 'provider_not_permitted',
      });
      await set();
      await requireProviders({ state: store, config }, project);
      const why = notPermitted([provider('a', { personas: ['x'], projects: ['p'] })], purpose('engineer'));
      expect(why).toContain('a for x in projects p');
    }));

  test('is changed and freed by an update, and keeps its limits through any other', () => {
    const head = { schemaVersion: 1 as const, version: 1 };
    const file = { ...head, providers: [provider('a', { personas: ['x'], projects: ['p'], free: true })] };
    const changed = (update: object) => updateProvider(file, 'a', update).providers[0];
    expect(changed({ priority: 3 })).toMatchObject({ personas: ['x'], projects: ['p'] });
    expect(changed({ personas: ['y', 'z'] })).toMatchObject({ personas: ['y', 'z'], projects: ['p'] });
    expect(changed({ personas: null, projects: null })).not.toHaveProperty('personas', expect.anything());
    expect(() => changed({ personas: ['../x'] })).toThrow(/--personas/);
  });
});
