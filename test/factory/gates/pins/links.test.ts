import { describe, expect, it } from 'vitest';
import { isDefinition } from '../../../../src/factory/gates/pins/definitions.ts';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import type { Project } from '../../../../src/factory/model/project.ts';

/** `null` stands for a link, of which git shows no text. */
type Tree = Readonly<Record<string, string | null>>;

async function pinsOf(base: Tree, now: Tree) {
  const trees: Record<string, Tree> = { base, now };
  const paths = [...new Set([...Object.keys(base), ...Object.keys(now)])];
  const git = {
    changedFiles: async () => paths.filter((path) => base[path] !== now[path]),
    listFiles: async (_: string, commit: string) => Object.keys(trees[commit] ?? {}),
    showFile: async (_: string, commit: string, path: string) => trees[commit]?.[path] ?? null,
  };
  const project = { repository: '/r', baseCommit: 'base' } as Project;
  const nobody = { allowAll: false, owner: [], agents: [] };
  const { changed, fromBase } = await findPins(git, project, 'now', nobody, ['cargo test']);
  return { changed: changed.map(({ path }) => path), fromBase };
}

/** Folders in which a tool looks for definitions by other names than their own. */
const FOLDERS = [
  '.cargo',
  'a/.cargo',
  '.config',
  '.mvn',
  'gradle',
  'gradle/wrapper',
  '.github',
  '.github/workflows',
  '.circleci',
  '.yarn',
  '.yarn/plugins',
  'pytest',
  'x-1.dist-info',
  'src/sitecustomize',
  'node_modules',
];

describe('a link by the name of a folder of definitions', () => {
  it.each(FOLDERS)('A96 is a definition wherever it leads: %s', async (path) => {
    const base = { 'src/lib.rs': '' };
    const now = { ...base, [path]: null, 'cfg/config.toml': '[target.x]\nrunner = "cfg/run"\n' };
    const { changed, fromBase } = await pinsOf(base, now);
    expect(fromBase).toEqual([path]);
    expect(changed).toHaveLength(1);
  });

  it('A96 is one where it goes, and where it takes the place of a folder', async () => {
    expect((await pinsOf({ '.mvn': null }, {})).fromBase).toEqual(['.mvn']);
    const { fromBase } = await pinsOf({ '.cargo/config.toml': 'a' }, { '.cargo': null });
    expect(fromBase.sort()).toEqual(['.cargo', '.cargo/config.toml']);
  });

  it('is ordinary work by any other name, and so is a file by that name', async () => {
    const now = {
      current: null,
      'docs/latest': null,
      'src/vendored': null,
      gradle: 'x',
      'tools/pytest': 'x',
    };
    expect(await pinsOf({}, now)).toEqual({ changed: [], fromBase: [] });
    expect(await pinsOf({ gradle: 'x', 'tools/.config': 'x' }, {})).toEqual({ changed: [], fromBase: [] });
  });
});

describe('what Python runs whenever it starts', () => {
  it('A96 is a definition in whatever form a module comes', () => {
    for (const path of [
      'sitecustomize.py',
      'src/sitecustomize/__init__.py',
      'src/usercustomize.pyc',
      'sitecustomize.cpython-312-x86_64-linux-gnu.so',
    ])
      expect(isDefinition(path), path).toBe(true);
    for (const path of ['src/sitecustomizer.py', 'docs/sitecustomize.md', 'my_sitecustomize/a.py'])
      expect(isDefinition(path), path).toBe(false);
  });
});
