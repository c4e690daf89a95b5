import { describe, expect, it } from 'vitest';
import { npmRegistry } from '../support/npm-registry.ts';
import { stage } from './stage.ts';

const signal = new AbortController().signal;

type Stage = Awaited<ReturnType<typeof stage>>;

async function outputIn(s: Stage, command: string, content: object = {}): Promise<string> {
  const tree = await s.trees.scratchTree(s.project, { commit: s.base, ...content });
  try {
    return (await tree.run({ command, label: 'x', timeoutMs: 60_000, signal })).result.output.trim();
  } finally {
    await tree.remove();
  }
}

describe('a set-up without a lock file', () => {
  it('installs what is declared, and later trees get what was resolved the first time', async () => {
    const registry = await npmRegistry();
    registry.publish('left', '1.0.0');
    registry.publish('right', '1.0.0');
    const manifest = (names: string[]) =>
      JSON.stringify({
        name: 'a',
        dependencies: Object.fromEntries(names.map((name) => [name, '^1.0.0'])),
      });
    const s = await stage(
      {
        'package.json': manifest(['left']),
        '.npmrc': `registry=${registry.url}\npackage-lock=false\n`,
        '.gitignore': 'node_modules\n',
      },
      { setup: 'found', network: true },
    );
    const look = `node -p "require('left')"; git status --short; ls`;
    expect((await outputIn(s, look)).split('\n')).toEqual(['1.0.0', 'node_modules', 'package.json']);
    registry.publish('left', '1.1.0');
    // Packages that the owner allowed to change are installed anew.
    const changed = { texts: { 'package.json': manifest(['left', 'right']) }, dependencies: 'more' };
    const both = `node -p "require('left') + ' ' + require('right')"`;
    expect(await outputIn(s, both, changed)).toBe('1.0.0 1.0.0');
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('says where a script of the package fails that tests can do without it', async () => {
    const s = await stage(
      {
        'package.json': JSON.stringify({
          name: 'a',
          scripts: { prepare: 'exit 3' },
          dependencies: { b: 'file:./b' },
        }),
        'b/package.json': '{"name":"b","version":"1.0.0"}',
        '.gitignore': 'node_modules\n',
      },
      { setup: 'found', network: true },
    );
    await expect(s.trees.scratchTree(s.project, { commit: s.base })).rejects.toThrow(
      /prepare.*--setup "npm install --ignore-scripts/,
    );
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });

  it('leaves a Python project to the packages of the machine where they cannot be installed', async () => {
    const s = await stage(
      {
        'requirements.txt': '--no-index\nno-such-package-of-anybody\n',
        'test_a.py': 'def test_a():\n    assert 1 + 1 == 2\n',
      },
      { setup: 'found', network: true },
    );
    expect(await outputIn(s, 'ls -A')).not.toContain('.venv');
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });
});

describe('a package manager that fetches itself', () => {
  it('is kept by the set-up for gates, which have no network, among the packages, without its store; hooks of git are not installed', async () => {
    const s = await stage(
      { 'package.json': '{"name":"a"}' },
      {
        setup:
          // As pnpm does: within a package that pins a version it would begin by fetching itself, without end.
          'case "$PNPM_HOME" in "$PWD"/*) exit 9;; esac; test "$HUSKY$LEFTHOOK" = 00 && mkdir -p "$COREPACK_HOME" "$PNPM_HOME/.tools" "$PNPM_HOME/store" node_modules && echo 9.1.0 | tee "$COREPACK_HOME/pnpm" "$PNPM_HOME/.tools/pnpm" "$PNPM_HOME/store/x"',
      },
    );
    const look = 'cat "$COREPACK_HOME/pnpm" "$PNPM_HOME/.tools/pnpm"; ls -A "$PNPM_HOME" .';
    const seen = (await outputIn(s, look)).split('\n');
    expect(seen.slice(0, 2)).toEqual(['9.1.0', '9.1.0']);
    expect(seen).toContain('.tools');
    expect(seen).not.toContain('store');
    // Linters look at all but packages.
    expect(seen).not.toContain('.dark-factory');
    await s.trees.removeScratchTrees(s.project.id, s.project.repository);
  });
});
