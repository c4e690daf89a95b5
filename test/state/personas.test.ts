import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createPersonaLibrary, PERSONA_FORM, parsePersona } from '../../src/state/personas.ts';
import { withFolder } from './support.ts';

const SPECIFIED = `---
name: engineer
version: 1.0.0
description: Software engineer persona for feature development
acceptance_criteria:
  tests_pass: true
  lint_pass: true
  format_pass: true
  custom_checks:
    - name: "Build succeeds"
      command: "npm run build"
      expected_exit_code: 0
---

# Engineer Persona

You are an engineer.
---
not front matter
`;

const short = (name: string, body = 'Work.'): string => `---\nname: ${name}\n---\n${body}\n`;
const front = (yaml: string) => parsePersona(`---\n${yaml}\n---\nBody\n`, '/p/x.md');

async function library(folder: string) {
  const places = {
    home: join(folder, 'home'),
    shipped: join(folder, 'shipped'),
    repository: join(folder, 'repo'),
  };
  for (const place of [places.home, places.shipped, join(places.repository, 'personas')])
    await mkdir(place, { recursive: true });
  return { ...places, personas: createPersonaLibrary({ home: places.home, shipped: places.shipped }) };
}

describe('a persona template', () => {
  it('is read as in the specification', () => {
    expect(parsePersona(SPECIFIED, '/p/engineer.md')).toEqual({
      ok: true,
      template: {
        name: 'engineer',
        version: '1.0.0',
        description: 'Software engineer persona for feature development',
        config: {
          testsPass: true,
          lintPass: true,
          formatPass: true,
          customChecks: [{ name: 'Build succeeds', command: 'npm run build', expectedExitCode: 0 }],
        },
        body: '# Engineer Persona\n\nYou are an engineer.\n---\nnot front matter',
        path: '/p/engineer.md',
      },
    });
  });

  it('may come with a byte order mark and Windows line ends', () => {
    expect(parsePersona(`\ufeff${SPECIFIED.replaceAll('\n', '\r\n')}`, '/p/engineer.md')).toMatchObject({
      ok: true,
      template: { name: 'engineer', config: { testsPass: true } },
    });
  });

  it('asks for nothing that it does not name', () => {
    expect(front('name: x\nversion: 2')).toMatchObject({
      ok: true,
      template: {
        version: '2',
        config: { testsPass: false, lintPass: false, formatPass: false, customChecks: [] },
      },
    });
  });

  it.each([
    [
      'a misspelt criterion',
      'name: x\nacceptance_criteria:\n  test_pass: true',
      /acceptance_criteria.*test_pass/,
    ],
    ['a misspelt key', 'name: x\nacceptance_critera: {}', /acceptance_critera/],
    [
      'a criterion that is no boolean',
      'name: x\nacceptance_criteria:\n  tests_pass: "yes"',
      /acceptance_criteria\.tests_pass/,
    ],
    [
      'a check without a command',
      'name: x\nacceptance_criteria:\n  custom_checks: [{name: a}]',
      /custom_checks\.0\.command/,
    ],
    [
      'an exit code that is none',
      'name: x\nacceptance_criteria:\n  custom_checks: [{name: a, command: b, expected_exit_code: 300}]',
      /expected_exit_code/,
    ],
    ['no name', 'version: 1', /name/],
    ['a name that is a path', 'name: ../x', /name/],
    ['broken YAML', 'name: [x', /front matter/],
  ])('is refused for %s', (_what, yaml, problem) => {
    expect(front(yaml)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });

  it.each([
    ['', 'does not begin'],
    ['# Engineer\n', 'does not begin'],
    ['text\n---\nname: x\n---\nBody', 'does not begin'],
    ['---js\nmodule.exports = 1\n---\nBody', 'does not begin'],
    ['---\nname: x\n', 'does not begin'],
    ['---\nname: x\n---\n \n', 'no text below'],
  ])('is refused without front matter or body: %j', (text, problem) => {
    expect(parsePersona(text, '/p/x.md')).toMatchObject({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });

  it('A58 yaml-bomb: hostile front matter is refused before it is parsed', () => {
    const aliases = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`),
    ];
    expect(front(aliases.join('\n'))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('anchors'),
    });
    expect(front(`name: ${'['.repeat(50_000)}`)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('nested'),
    });
    expect(front(`name: ${'['.repeat(100_000)}`)).toMatchObject({
      ok: false,
      problem: expect.stringContaining('bytes'),
    });
    expect(front(Array.from({ length: 9_000 }, (_, i) => `k${i}:`).join('\n'))).toMatchObject({ ok: false });
  });
});

describe('the persona library', () => {
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

describe('the shipped personas', () => {
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

describe('what is no template', () => {
  it.each([
    ['a link that leads back to itself', (file: string) => symlink(file, file), 'leads back to itself'],
    ['a link that leads nowhere', (file: string) => symlink('/no/such/file', file), 'leads nowhere'],
    ['a folder', (file: string) => mkdir(file), 'no regular file'],
    ['a device', (file: string) => symlink('/dev/zero', file), 'no regular file'],
    [
      'binary data',
      (file: string) =>
        writeFile(file, Buffer.concat([Buffer.from(short('odd')), Buffer.from([0xff, 0xfe])])),
      'not UTF-8 text',
    ],
    ['far too large', (file: string) => writeFile(file, short('odd', 'x'.repeat(300_000))), 'at most'],
  ])('%s is named with its problem and hides no other file', (_kind, make, problem) =>
    withFolder(async (folder) => {
      const { personas, home } = await library(folder);
      await writeFile(join(home, 'plain.md'), short('plain'));
      await make(join(home, 'odd.md'));
      const found = await personas.list(null);
      expect(found.personas.map(({ name }) => name)).toEqual(['plain']);
      expect(found.problems).toEqual([
        { file: join(home, 'odd.md'), problem: expect.stringContaining(problem) },
      ]);
      await expect(personas.load(null, 'odd')).rejects.toMatchObject({ code: 'persona_invalid' });
    }),
  );
});
