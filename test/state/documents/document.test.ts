import { writeFileSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createSoon } from '../../../src/lib/async/soon.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';
import {
  createDocument,
  type DocumentDeps,
  type DocumentOptions,
} from '../../../src/state/documents/document.ts';
import { encodeDocument } from '../../../src/state/documents/document-text.ts';
import type { Locks } from '../../../src/state/files/lock.ts';
import { add, EMPTY, type Sample, sample } from '../../contracts/state.suite.ts';
import { stateDeps, withFolder } from '../support.ts';

function open(folder: string, more: Partial<DocumentOptions<Sample>> = {}, deps: DocumentDeps = stateDeps()) {
  const file = join(folder, 'sample.yaml');
  return { file, store: createDocument(deps, { file, schema: sample, initial: EMPTY, ...more }) };
}

describe.concurrent('a change of a state document that may wait', () => {
  const openLazy = (folder: string) => {
    const problems: unknown[] = [];
    const soon = createSoon(60_000, (problem) => problems.push(problem));
    return { ...open(folder, {}, { ...stateDeps(), soon }), soon, problems };
  };
  const names = async ({ store }: Pick<ReturnType<typeof open>, 'store'>) =>
    (await store.get()).items.map(({ name }) => name);

  it('is seen by this process at once, and by others when it is written, once with all others', () =>
    withFolder(async (folder) => {
      const mine = openLazy(folder);
      await mine.store.update(add('a'));
      await mine.store.later(add('b'));
      await mine.store.later(add('c'));
      expect(await names(mine)).toEqual(['a', 'b', 'c']);
      expect(await names(open(folder))).toEqual(['a']);
      await mine.soon.flush();
      expect(await names(open(folder))).toEqual(['a', 'b', 'c']);
      expect((await mine.store.get()).version).toBe(2);
    }));

  it('goes with the next update, onto what others wrote meanwhile, and is written once', () =>
    withFolder(async (folder) => {
      const mine = openLazy(folder);
      await mine.store.update(add('a'));
      await mine.store.later(add('b'));
      await mine.store.update((current) => current);
      expect(await names(open(folder))).toEqual(['a']);
      await open(folder).store.update(add('other'));
      expect(await names(mine)).toEqual(['a', 'other', 'b']);
      await mine.store.update(add('c'));
      await mine.soon.flush();
      expect(await names(open(folder))).toEqual(['a', 'other', 'b', 'c']);
    }));

  it('stays for the next writing when an update fails, and goes with a document that is gone', () =>
    withFolder(async (folder) => {
      const mine = openLazy(folder);
      await mine.store.update(add('a'));
      await mine.store.later(add('b'));
      const failing = mine.store.update(() => {
        throw new DarkFactoryError('failed', 'no', 'no', '');
      });
      await expect(failing).rejects.toThrow('no');
      await mine.soon.flush();
      expect(await names(open(folder))).toEqual(['a', 'b']);
      const gone = openLazy(join(folder, 'gone'));
      await gone.store.later(add('b'));
      await gone.soon.flush();
      expect(gone.problems).toEqual([]);
    }));
});

describe.concurrent('a state document', () => {
  it('is readable by its owner alone and leaves nothing beside it', () =>
    withFolder(async (folder) => {
      const { store, file } = open(folder);
      await store.update(add('a'));
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(await readdir(folder)).toEqual(['sample.yaml']);
    }));

  it.each([
    ['by its successor', 'a writer that was suspended and given up', 'lock_lost'],
    ['by an editor', 'a writer that holds its lock', 'state_conflict'],
  ])('changed %s right before it is replaced is not overwritten by %s: %s', (_by, _writer, code) =>
    withFolder(async (folder) => {
      const file = join(folder, 'sample.yaml');
      await open(folder).store.update(add('a'));
      let asked = 0;
      const assertHeld = () => {
        asked += 1;
        if (asked === 1) writeFileSync(file, encodeDocument('schemaVersion: 1\nversion: 9\n'));
        else if (code === 'lock_lost') throw new DarkFactoryError('environment', code, 'given up', '');
      };
      const locks: Locks = {
        isFree: () => false,
        withLock: (_file, work) => work({ temporary: `${file}.tmp`, assertHeld }),
      };
      const { store } = open(folder, {}, { ...stateDeps(), locks });
      await expect(store.update(add('b'))).rejects.toMatchObject({ code });
      expect(await open(folder).store.get()).toMatchObject({ version: 9, items: [] });
      expect(await readdir(folder)).toEqual(['sample.yaml']);
    }),
  );

  it('a missing one is not found, in its own words', () =>
    withFolder(async (folder) => {
      const store = createDocument(stateDeps(), { file: join(folder, 'none', 'x.yaml'), schema: sample });
      await expect(store.get()).rejects.toMatchObject({ kind: 'not_found' });
      await expect(store.update((now) => now)).rejects.toMatchObject({ kind: 'not_found' });
    }));
});

describe.concurrent('a damaged state document', () => {
  const cuts = async (folder: string): Promise<{ file: string; whole: Buffer }> => {
    const { store, file } = open(folder);
    for (const name of ['one', 'two', 'three']) await store.update(add(name));
    return { file, whole: await readFile(file) };
  };

  it.each(['factory', 'people'] as const)('a cut at any byte is noticed (edited by %s)', (edited) =>
    withFolder(async (folder) => {
      const { file, whole } = await cuts(folder);
      for (let length = edited === 'people' ? 66 : 0; length < whole.length - 1; length += 1) {
        await writeFile(file, whole.subarray(0, length));
        const problem = await open(folder, { edited })
          .store.get()
          .then(
            (value) => `read ${value.items.length} at ${length}`,
            (error) => error.code,
          );
        expect(problem).toBe('state_unreadable');
      }
    }),
  );

  it('a changed byte is noticed, named with file and remedy, and never overwritten', () =>
    withFolder(async (folder) => {
      const { file, whole } = await cuts(folder);
      const edited = Buffer.from(whole.toString().replace('name: two', 'name: 2wo'));
      await writeFile(file, edited);
      const store = open(folder).store;
      const failure = {
        kind: 'environment',
        code: 'state_unreadable',
        message: expect.stringContaining(file),
        hint: expect.stringContaining('# end edited'),
      };
      await expect(store.get()).rejects.toMatchObject(failure);
      await expect(store.update(add('x'))).rejects.toMatchObject(failure);
      expect(await readFile(file)).toEqual(edited);
    }));

  it('a person may vouch for an edit by its last line, and the next update marks it properly', () =>
    withFolder(async (folder) => {
      const { file, whole } = await cuts(folder);
      const edited = whole
        .toString()
        .replace('name: two', 'name: 2wo')
        .replace(/# end .*/, '# end edited');
      await writeFile(file, edited);
      const { store } = open(folder);
      expect((await store.get()).items[1]).toEqual({ name: '2wo' });
      await store.update(add('four'));
      expect((await open(folder).store.get()).items).toHaveLength(4);
      expect(await readFile(file, 'utf8')).toMatch(/# end sha256:/);
    }));

  it('a wrong value names its place', () =>
    withFolder(async (folder) => {
      const { file, store } = open(folder);
      await writeFile(file, encodeDocument('schemaVersion: 1\nversion: 3\nitems:\n- name: 7\n'));
      await expect(store.get()).rejects.toMatchObject({ message: expect.stringContaining('items.0.name') });
    }));

  it('a newer form is refused by an older program', () =>
    withFolder(async (folder) => {
      const { file, store } = open(folder);
      await writeFile(file, encodeDocument('schemaVersion: 2\nversion: 3\n'));
      await expect(store.get()).rejects.toMatchObject({ code: 'state_newer' });
    }));

  it('an edit while the program runs is taken up', () =>
    withFolder(async (folder) => {
      const { file, store } = open(folder, { edited: 'people' });
      await writeFile(file, 'items:\n  - name: hand\n');
      expect((await store.get()).items).toEqual([{ name: 'hand' }]);
      await store.update(add('df'));
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('hand', 'foot'));
      expect((await store.get()).items).toEqual([{ name: 'foot' }, { name: 'df' }]);
      await writeFile(file, 'items: [');
      await expect(store.get()).rejects.toMatchObject({ code: 'state_unreadable' });
    }));
});

describe.concurrent('a large state document', () => {
  it('written in turns by two writers is the same for both, and for a third that reads it anew', () =>
    withFolder(async (folder) => {
      const stores = [open(folder).store, open(folder).store];
      const names = ['plain', 'two\nlines\n', '- dash', '# hash', '', ' x: y', '"'];
      for (let round = 0; round < 30; round += 1) {
        await stores[round % 2]?.update((now) => {
          const items = now.items.map((item, i) =>
            i % 7 === round % 7 ? { ...item, note: `r${round}` } : item,
          );
          const rest = round % 5 === 4 ? items.slice(1) : items;
          return { ...now, items: [...rest, { name: `${names[round % names.length]}` }] };
        });
        const fresh = await open(folder).store.get();
        for (const store of stores) expect(await store.get()).toEqual(fresh);
      }
      expect((await open(folder).store.get()).items).toHaveLength(24);
    }));
});
