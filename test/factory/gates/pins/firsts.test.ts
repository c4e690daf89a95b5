import { describe, expect, it } from 'vitest';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import type { Project } from '../../../../src/factory/model/project.ts';

type Tree = Readonly<Record<string, string>>;

/** What a gate says of files that came to a commit, and lays over it. */
async function pinsOf(base: Tree, more: Tree) {
  const trees: Record<string, Tree> = { base, now: { ...base, ...more } };
  const git = {
    changedFiles: async () => Object.keys(more),
    listFiles: async (_: string, commit: string) => Object.keys(trees[commit] ?? {}),
    showFile: async (_: string, commit: string, path: string) => trees[commit]?.[path] ?? null,
  };
  const project = { repository: '/r', baseCommit: 'base' } as Project;
  const nobody = { allowAll: false, owner: [], agents: [] };
  const { changed, fromBase } = await findPins(git, project, 'now', nobody, ['bun test']);
  return { changed: changed.map(({ path }) => path), fromBase };
}

describe('the first tsconfig.json of a folder', () => {
  const base = { 'src/sum.ts': '', 'test/sum.test.ts': '', 'config/strict.json': '{}' };
  const pins = (config: object, more: Tree = {}, path = 'tsconfig.json') =>
    pinsOf(base, { ...more, [path]: JSON.stringify(config) });
  const options = (compilerOptions: object) => ({ compilerOptions });

  it.each<[string, object, Tree?]>([
    ['an alias for a library', options({ paths: { chai: ['./fake/chai.ts'] } })],
    ['one for a part of it', options({ paths: { '@jest/*': ['./fake/*'] } })],
    ['one for all that has no dot', options({ paths: { '*': ['./fake/*', '*'] } })],
    ['a folder that has such names', options({ baseUrl: './fake' }), { 'fake/chai/index.ts': '' }],
    ['the top that has such a name', options({ baseUrl: '.' }), { 'assert.ts': '' }],
    ['more, by a new name', { extends: './more.json' }, { 'more.json': '{}' }],
  ])('A96 is a definition where it leads what tests assert with elsewhere: %s', async (_, config, more) => {
    expect(await pins(config, more)).toEqual({ changed: ['tsconfig.json'], fromBase: ['tsconfig.json'] });
    expect((await pins(config, { ...more, 'tsconfig.json': '{}' }, 'jsconfig.json')).changed).toContain(
      'jsconfig.json',
    );
  });

  it.each<[string, object]>([
    ['a language', options({ target: 'es2022', strict: true, types: ['bun'] })],
    [
      'aliases of the product',
      options({ baseUrl: '.', paths: { '@/*': ['src/*'], '~/*': ['src/*'], '#lib': ['src/lib'] } }),
    ],
    ['its sources as a folder', options({ baseUrl: './src' })],
    ['more of what the base commit has', { extends: './config/strict.json' }],
    ['more of a package', { extends: '@tsconfig/node20/tsconfig.json', include: ['src'] }],
  ])('is ordinary work otherwise: %s', async (_, config) => {
    expect(await pins(config, { 'src/assertions.ts': '' })).toEqual({ changed: [], fromBase: [] });
  });
});

describe('builds of Gradle beside the main one', () => {
  const base = { 'build.gradle': 'plugins { id "java" }\n', 'src/main/java/A.java': '' };

  it.each(['buildSrc/build.gradle', 'buildSrc/settings.gradle.kts', 'a/buildSrc/build.gradle.kts'])(
    'A96 are definitions where they run unasked: %s',
    async (path) => {
      const more = { [path]: 'gradle.parent.allprojects { tasks.withType(Test) { enabled = false } }\n' };
      expect(await pinsOf(base, more)).toEqual({ changed: [path], fromBase: [path] });
    },
  );

  it('may get other dependencies, and new parts of the build', async () => {
    const there = { ...base, 'buildSrc/build.gradle': "dependencies {\n  api 'a:a:1'\n}\n" };
    const more = {
      'buildSrc/build.gradle': "dependencies {\n  api 'a:a:2'\n}\n",
      'buildSrc/src/main/groovy/Versions.groovy': 'class Versions {}\n',
      'core/build.gradle': 'plugins { id "java" }\n',
    };
    expect(await pinsOf(there, more)).toEqual({ changed: [], fromBase: [] });
  });

  it('A96 are definitions where another build applies them', () => {
    const text = "test { useJUnitPlatform() }\ndependencies {\n  api 'a:a:1'\n}\n";
    const changed = (now: string) => mergeManifest('gradle/tests.gradle', text, now)?.changed;
    expect(changed(text.replace('useJUnit', 'enabled = false\nuseJUnit'))).toBe(true);
    expect(changed(text.replace('a:a:1', 'a:a:2'))).toBe(false);
  });
});
