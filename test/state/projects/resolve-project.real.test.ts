import { describe, expect, it } from 'vitest';
import { addProject, openStore } from '../samples.ts';
import { withFolder } from '../support.ts';

describe.concurrent('finding the project that a person means', () => {
  const one = '11111111-aaaa-4000-8000-000000000000';
  const two = '11112222-aaaa-4000-8000-000000000000';

  it('by id, by a unique beginning of it, by a unique name', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      await addProject(store, { id: one, name: 'Login page' });
      await addProject(store, { id: two, name: 'other' });
      expect(await store.resolveProject(one)).toBe(one);
      expect(await store.resolveProject(two.toUpperCase())).toBe(two);
      expect(await store.resolveProject('11111')).toBe(one);
      const third = await addProject(store, { id: 'c0000000-aaaa-4000-8000-000000000000', name: '1' });
      expect(await store.resolveProject('c')).toBe(third.id);
      expect(await store.resolveProject('1')).toBe(third.id);
      await expect(store.resolveProject('111')).rejects.toMatchObject({ code: 'project_ambiguous' });
      expect(await store.resolveProject('11112222-AA')).toBe(two);
      expect(await store.resolveProject('Login page')).toBe(one);
      for (const reference of ['9', '9999', '', 'login page', '../x', 'x'.repeat(1_000)]) {
        await expect(store.resolveProject(reference)).rejects.toMatchObject({ code: 'project_not_found' });
      }
    }));

  it('refuses a name or a beginning that fits several', () =>
    withFolder(async (folder) => {
      const { store } = openStore(folder);
      const ambiguous = { kind: 'usage', code: 'project_ambiguous' };
      const createdAt = new Date('2026-01-30T21:05:00Z');
      await addProject(store, { id: one, name: 'same', status: 'failed', stopped: true, createdAt });
      await addProject(store, { id: two, name: 'same', createdAt: new Date('2026-01-31T21:05:00Z') });
      await expect(store.resolveProject('same')).rejects.toMatchObject({
        ...ambiguous,
        message: `2 projects match "same": ${two} (same, initializing, made 2026-01-31 21:05 UTC); ${one} (same, stopped, made 2026-01-30 21:05 UTC).`,
        hint: expect.stringContaining(two.slice(0, 8)),
      });
      await expect(store.resolveProject('1111')).rejects.toMatchObject({
        ...ambiguous,
        message: expect.stringContaining(two),
      });
      const third = await addProject(store, { name: '11111' });
      await expect(store.resolveProject('11111')).rejects.toMatchObject(ambiguous);
      expect(await store.resolveProject(third.id)).toBe(third.id);
    }));
});
