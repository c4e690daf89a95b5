import { describe, expect, it } from 'vitest';
import { withoutHiding } from '../../../../src/factory/gates/pins/ignore-files.ts';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import type { Project } from '../../../../src/factory/model/project.ts';

type Tree = Readonly<Record<string, string>>;

/** What a gate says of a commit, and lays over it. */
async function pinsOf(base: Tree, now: Tree, owner: string[] = []) {
  const trees: Record<string, Tree> = { base, now };
  const paths = [...new Set([...Object.keys(base), ...Object.keys(now)])];
  const git = {
    changedFiles: async () => paths.filter((path) => base[path] !== now[path]),
    listFiles: async (_: string, commit: string) => Object.keys(trees[commit] ?? {}),
    showFile: async (_: string, commit: string, path: string) => trees[commit]?.[path] ?? null,
  };
  const project = { repository: '/r', baseCommit: 'base' } as Project;
  const words = { allowAll: false, owner, agents: [] };
  const { changed, fromBase, texts } = await findPins(git, project, 'now', words, ['npm run lint']);
  return { changed: changed.map(({ path }) => path), fromBase, texts };
}

const NOTHING = { changed: [], fromBase: [], texts: {} };

describe('an ignore file', () => {
  const CODE = { 'src/sum.js': '', 'src/bad.js': '', 'lib/a/b.py': '' };

  it.each<[string, string]>([
    ['a file', 'src/bad.js'],
    ['a name', 'bad.js'],
    ['a folder', 'src/'],
    ['a folder at the top', '/lib'],
    ['a pattern', '*.py'],
    ['a pattern at any depth', '**/b.*'],
    ['all in a folder', 'lib/**'],
    ['a pattern with a choice', 'src/[bc]ad.js'],
    ['what takes long to read', '*a*a*a*a*a*a*'],
  ])('A166 hides no tracked code from linters, and that is no change of the gate: %s', async (_, line) => {
    for (const path of ['.gitignore', '.ignore']) {
      const base = { ...CODE, [path]: '# made\ndist/\n' };
      const now = { ...base, [path]: `# made\ndist/\n${line}\ncoverage/\n` };
      expect(await pinsOf(base, now)).toEqual({
        ...NOTHING,
        texts: { [path]: '# made\ndist/\ncoverage/\n' },
      });
    }
    expect((await pinsOf(CODE, { ...CODE, '.gitignore': `${line}\n` })).texts).toEqual({ '.gitignore': '' });
  });

  it('A166 speaks of its own folder, and excepts what it excepted before', async () => {
    const files = ['src/bad.js', 'bad.ts'];
    expect(withoutHiding('src/.gitignore', '', '/bad.js\nbad.ts\n', files)).toBe('bad.ts\n');
    expect(withoutHiding('.gitignore', '*.ts\n!bad.ts\n', '*.ts\n', files)).toBe('*.ts\n!bad.ts\n');
  });

  it('may name what builds leave, and any file where its owner says so', async () => {
    const base = { ...CODE, '.gitignore': 'dist/\n' };
    const more = { ...base, '.gitignore': 'dist/\n\n# made\n/build/\n*.log\n.cache\nsrc/*.map\n!keep.log\n' };
    expect(await pinsOf(base, more)).toEqual(NOTHING);
    const { '.gitignore': _, ...without } = base;
    expect(await pinsOf(base, without)).toEqual(NOTHING);
    expect(await pinsOf(base, { ...base, '.gitignore': 'src/\n' }, ['Add src to .gitignore.'])).toEqual(
      NOTHING,
    );
  });
});

describe('a list of faults that a linter passes over', () => {
  const eslint = (files: Record<string, Record<string, number>>) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(files).map(([path, rules]) => [
          path,
          Object.fromEntries(Object.entries(rules).map(([rule, count]) => [rule, { count }])),
        ]),
      ),
    );
  const pyright = (codes: string[]) =>
    JSON.stringify({ files: { './a.py': codes.map((code) => ({ code, range: { startColumn: 1 } })) } });
  const LISTS: [string, string, string, string][] = [
    [
      'eslint-suppressions.json',
      eslint({ 'a.js': { eqeqeq: 2, 'no-undef': 1 } }),
      eslint({ 'b.js': { eqeqeq: 1 } }),
      eslint({ 'a.js': { eqeqeq: 2, 'no-undef': 1 }, 'b.js': { eqeqeq: 1 } }),
    ],
    [
      '.basedpyright/baseline.json',
      pyright(['reportAny', 'reportAny', 'reportCallIssue']),
      pyright(['reportAny']),
      pyright(['reportAny', 'reportIndexIssue']),
    ],
  ];

  it.each(LISTS)(
    'A166 comes from the base commit where it passes over more: %s',
    async (path, old, _, more) => {
      const pinned = { ...NOTHING, changed: [path], fromBase: [path] };
      expect(await pinsOf({ [path]: old }, { [path]: more })).toEqual(pinned);
      expect(await pinsOf({}, { [path]: old })).toEqual(pinned);
      expect(await pinsOf({ [path]: old }, { [path]: '{' })).toEqual(pinned);
    },
  );

  it.each(LISTS)('may get shorter and go, and its files may be renamed: %s', async (path, old, less) => {
    expect(await pinsOf({ [path]: old }, { [path]: less })).toEqual(NOTHING);
    expect(await pinsOf({ [path]: old }, {})).toEqual(NOTHING);
    expect(await pinsOf({}, { [path]: '{}' })).toEqual(NOTHING);
  });

  it.each(['tslint.json', 'xo.config.js', 'staticcheck.conf', 'a/nyc.config.js', 'playwright-ct.config.ts'])(
    'A166 settings of a linter or a runner are definitions, also when they are new: %s',
    async (path) => {
      expect(await pinsOf({}, { [path]: 'x' })).toEqual({ ...NOTHING, changed: [path], fromBase: [path] });
    },
  );
});
