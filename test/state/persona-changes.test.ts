import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { library, short } from './persona-support.ts';
import { withFolder } from './support.ts';

describe.concurrent('personas that are changed', () => {
  it('become the home’s own and hide the shipped one, which stays as it is; removed, it shows again', () =>
    withFolder(async (folder) => {
      const { personas, home, shipped } = await library(folder);
      await writeFile(join(shipped, 'engineer.md'), short('engineer', 'shipped'));
      const { path } = await personas.load(null, 'engineer');
      const { fileVersion, text } = await personas.text(path);
      expect(text).toBe(short('engineer', 'shipped'));
      const saved = await personas.save('engineer', short('engineer', 'own'), fileVersion);
      expect(await personas.load(null, 'engineer')).toMatchObject({ body: 'own', source: 'home' });
      expect(await readFile(join(shipped, 'engineer.md'), 'utf8')).toContain('shipped');
      expect(await readdir(home)).toEqual(['engineer.md']);
      await personas.remove('engineer', saved.fileVersion);
      expect(await personas.load(null, 'engineer')).toMatchObject({ body: 'shipped', source: 'shipped' });
      await expect(personas.remove('engineer')).rejects.toMatchObject({ code: 'persona_shipped' });
    }));

  it('are refused where the file is another than the one that was read, also of two at once', () =>
    withFolder(async (folder) => {
      const { personas, home } = await library(folder);
      await writeFile(join(home, 'a.md'), short('a', 'one'));
      const { fileVersion } = await personas.text(join(home, 'a.md'));
      const results = await Promise.allSettled(
        ['two', 'three'].map((body) => personas.save('a', short('a', body), fileVersion)),
      );
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      await writeFile(join(home, 'a.md'), short('a', 'by hand'));
      for (const change of [
        () => personas.save('a', short('a', 'late'), fileVersion),
        () => personas.save('a', short('a', 'new'), null),
        () => personas.remove('a', fileVersion),
        () => personas.save('b', short('b'), fileVersion),
      ])
        await expect(change()).rejects.toMatchObject({ code: 'persona_changed' });
      expect((await personas.load(null, 'a')).body).toBe('by hand');
      await expect(personas.save('b', short('b'), null)).resolves.toMatchObject({ text: short('b') });
    }));

  it.each<[string, string, string]>([
    ['a', 'does not begin with front matter', 'no front matter'],
    ['a', 'its name is "b"', short('b')],
    ['../a', 'other signs', short('a')],
    ['a/b', 'other signs', short('a')],
    ['', 'other signs', short('a')],
    ['a', 'tests_pass', `---\nname: a\ntests_pass: true\n---\nx\n`],
    ['a', 'more than', short('a', 'x'.repeat(300_000))],
    ['a', 'no text', '---\nname: a\n---\n'],
  ])('are refused as %j, whose problem is named: %s', (name, problem, text) =>
    withFolder(async (folder) => {
      const { personas, home } = await library(folder);
      expect(personas.problemOf(text, name)).toContain(problem);
      await expect(personas.save(name, text)).rejects.toMatchObject({ code: 'persona_invalid' });
      expect(await readdir(home)).toEqual([]);
    }),
  );

  it('make the folder where there is none', () =>
    withFolder(async (folder) => {
      const { personas } = await library(folder);
      await mkdir(join(folder, 'x'));
      await personas.save('fresh', short('fresh'));
      expect((await personas.list(null)).personas.map(({ name }) => name)).toEqual(['fresh']);
    }));
});
