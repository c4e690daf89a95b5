import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createPersonaLibrary, PERSONA_FORM, parsePersona } from '../../src/state/personas.ts';
import { library, SPECIFIED, short } from './persona-support.ts';
import { withFolder } from './support.ts';

describe.concurrent('the persona library', () => {
  it('finds the repository’s before the home’s before the shipped', () =>
    withFolder(async (folder) => {
      const { personas, home, shipped, repository } = await library(folder);
      for (const name of ['a', 'b', 'c'])
        await writeFile(join(shipped, `${name}.md`), short(name, 'shipped'));
      for (const name of ['a', 'b']) await writeFile(join(home, `${name}.md`), short(name, 'home'));
      await writeFile(join(repository, 'personas', 'a.md'), short('a', 'repository'));
      const bodies = async (from: string | null): Promise<string[]> =>
        Promise.all(['a', 'b', 'c'].map(async (name) => (await personas.load(from, name)).body));
      expect(await bodies(repository)).toEqual(['repository', 'home', 'shipped']);
      expect(await bodies(null)).toEqual(['home', 'home', 'shipped']);
      const { personas: listed, problems } = await personas.list(repository);
      expect(listed.map(({ name, source }) => `${name} ${source}`)).toEqual([
        'a repository',
        'b home',
        'c shipped',
      ]);
      expect(problems).toEqual([]);
    }));

  it('works without any of the folders', async () => {
    const personas = createPersonaLibrary({ home: '/nowhere/a', shipped: '/nowhere/b' });
    expect(await personas.list('/nowhere')).toEqual({ personas: [], problems: [] });
  });

  it('names those there are when one is not', () =>
    withFolder(async (folder) => {
      const { personas, home } = await library(folder);
      for (const name of ['tester', 'engineer']) await writeFile(join(home, `${name}.md`), short(name));
      for (const name of ['enginer', '../home/engineer', '', 'x'.repeat(10_000), 'engineer.md', 'a\0']) {
        await expect(personas.load(null, name)).rejects.toMatchObject({
          kind: 'not_found',
          code: 'persona_not_found',
          hint: 'There are: engineer, tester.',
        });
      }
    }));

  it('takes up a changed file, and reads an unchanged one once', () =>
    withFolder(async (folder) => {
      const { personas, home } = await library(folder);
      const file = join(home, 'x.md');
      await writeFile(file, short('x', 'one'));
      const first = await personas.validate(file);
      expect(await personas.validate(file)).toBe(first);
      await writeFile(file, short('x', 'another'));
      expect((await personas.load(null, 'x')).body).toBe('another');
    }));

  it('reports files that are none, and an invalid one does not fall back to another', () =>
    withFolder(async (folder) => {
      const { personas, home, shipped } = await library(folder);
      await writeFile(join(shipped, 'x.md'), short('x'));
      await writeFile(join(home, 'x.md'), 'nonsense');
      await writeFile(join(home, 'y.md'), short('x'));
      await writeFile(join(home, 'README.md'), 'about');
      await writeFile(join(home, 'notes.txt'), 'about');
      await mkdir(join(home, 'folder.md'));
      await writeFile(join(home, 'big.md'), short('big', 'x'.repeat(300_000)));
      await expect(personas.load(null, 'x')).rejects.toMatchObject({
        kind: 'usage',
        code: 'persona_invalid',
      });
      await expect(personas.load(null, 'y')).rejects.toMatchObject({
        message: expect.stringContaining('its name is "x"'),
      });
      const { problems } = await personas.list(null);
      expect(problems.map(({ file }) => file).sort()).toEqual([
        join(home, 'big.md'),
        join(home, 'folder.md'),
        join(home, 'x.md'),
        join(home, 'y.md'),
      ]);
    }));

  it('takes every example of the documents', async () => {
    const page = await readFile(PERSONA_FORM, 'utf8');
    const examples = [...page.matchAll(/```markdown\n([\s\S]*?)```/g)].map(([, example = '']) => example);
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) expect(parsePersona(example, 'x.md')).toMatchObject({ ok: true });
  });

  it('validates any file, whatever it is called', () =>
    withFolder(async (folder) => {
      const { personas } = await library(folder);
      const file = join(folder, 'draft 1.md');
      await writeFile(file, SPECIFIED);
      expect(await personas.validate(file)).toMatchObject({ name: 'engineer', path: file });
      await writeFile(file, '---\nname: x\n');
      await expect(personas.validate(file)).rejects.toMatchObject({
        code: 'persona_invalid',
        message: expect.stringContaining(file),
      });
      await expect(personas.validate(join(folder, 'none.md'))).rejects.toMatchObject({ kind: 'not_found' });
    }));
});

describe.concurrent('the shipped personas', () => {
  const TOOLS = [
    'bash',
    'read_file',
    'write_file',
    'edit_file',
    'add_tasks',
    'update_task',
    'commit',
    'propose_decision',
    'finish',
  ];

  it('are engineer, tester, acceptance tester, reviewer and documenter, and all are valid', async () => {
    const { personas, problems } = await createPersonaLibrary({ home: '/nowhere' }).list(null);
    expect(problems).toEqual([]);
    expect(personas.map(({ name }) => name)).toEqual([
      'acceptance-tester',
      'documenter',
      'engineer',
      'reviewer',
      'tester',
    ]);
    expect(personas.find(({ name }) => name === 'engineer')?.config).toEqual({
      testsPass: true,
      lintPass: true,
      formatPass: true,
      customChecks: [],
    });
  });

  it('name tools that exist, and say how done is proved', async () => {
    const folder = fileURLToPath(new URL('../../personas/', import.meta.url));
    const text = await readFile(join(folder, 'engineer.md'), 'utf8');
    expect(TOOLS.filter((tool) => !text.includes(`\`${tool}\``))).toEqual([]);
    for (const name of ['engineer', 'tester', 'reviewer', 'documenter']) {
      const body = await readFile(join(folder, `${name}.md`), 'utf8');
      for (const tool of ['add_tasks', 'update_task', 'commit', 'finish'])
        expect(body).toContain(`\`${tool}\``);
      expect(body).toMatch(/factory then runs/);
    }
  });
});
