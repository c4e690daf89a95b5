import { describe, expect, it } from 'vitest';
import { mergeManifest } from '../../../../src/factory/gates/pins/manifest.ts';
import { saysTheSame } from '../../../../src/factory/gates/pins/same-content.ts';

describe('mergeManifest of package.json', () => {
  const manifest = (scripts: Record<string, string>, rest: object = {}) =>
    JSON.stringify({ scripts, ...rest });
  const merge = (base: string, head: string | null) => {
    const merged = mergeManifest('package.json', base, head);
    return { changed: merged?.changed, now: JSON.parse(merged?.text ?? '{}') };
  };

  it('puts changed and removed scripts back, and keeps new ones with new names', () => {
    const base = manifest({ test: 'node --test', lint: 'eslint .' });
    expect(merge(base, manifest({ test: 'exit 0', build: 'tsc' }))).toEqual({
      changed: true,
      now: { scripts: { test: 'node --test', lint: 'eslint .', build: 'tsc' } },
    });
    expect(merge(base, manifest({ test: 'node --test', lint: 'eslint .', build: 'tsc' })).changed).toBe(
      false,
    );
  });

  it('drops a script that would run before an old one', () => {
    const base = manifest({ test: 'node --test' });
    expect(merge(base, manifest({ test: 'node --test', pretest: 'rm -r test' }))).toEqual({
      changed: true,
      now: { scripts: { test: 'node --test' } },
    });
  });

  it('drops a script that an install would run by itself, where it could change the packages of gates', () => {
    const base = manifest({ test: 'node --test' });
    for (const name of ['prepare', 'postinstall', 'preinstall', 'postprepare'])
      expect(merge(base, manifest({ test: 'node --test', [name]: 'cp lie node_modules/.bin/tool' }))).toEqual(
        {
          changed: true,
          now: { scripts: { test: 'node --test' } },
        },
      );
  });

  it('keeps dependencies of the agent, and tools as the base configures them', () => {
    const base = manifest({ test: 'jest' }, { jest: { bail: true } });
    expect(
      merge(base, manifest({ test: 'jest' }, { jest: { bail: true }, dependencies: { a: '1' } })).changed,
    ).toBe(false);
    const merged = merge(
      base,
      manifest({ test: 'jest' }, { jest: { testMatch: [] }, dependencies: { a: '1' } }),
    );
    expect(merged).toEqual({
      changed: true,
      now: { scripts: { test: 'jest' }, jest: { bail: true }, dependencies: { a: '1' } },
    });
  });

  it('lets packages come to the workspaces of the base, and none go', () => {
    const base = manifest({ test: 'npm test -ws' }, { workspaces: ['a'] });
    const with_ = (workspaces: unknown) => merge(base, manifest({ test: 'npm test -ws' }, { workspaces }));
    expect(with_(['a', 'b'])).toMatchObject({ changed: false, now: { workspaces: ['a', 'b'] } });
    for (const other of [['b'], ['a', '!a'], [], undefined, 'a'])
      expect(with_(other), JSON.stringify(other)).toMatchObject({
        changed: true,
        now: { workspaces: ['a'] },
      });
  });

  it('takes the whole base where the new text is broken or gone', () => {
    const base = manifest({ test: 'jest' });
    expect(merge(base, '{')).toEqual({ changed: true, now: JSON.parse(base) });
    expect(merge(base, null)).toEqual({ changed: true, now: JSON.parse(base) });
  });

  it('leaves a manifest that is new to the agent', () => {
    expect(mergeManifest('package.json', null, '{}')).toBeNull();
  });
});

describe('mergeManifest of TOML', () => {
  const base = '[project]\nname = "a"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n';

  it('keeps the project of the agent and the tool sections of the base', () => {
    const head =
      '[project]\nname = "b"\n\n[tool.pytest.ini_options]\naddopts = "--co"\n\n[tool.ruff]\nexclude = ["*"]\n';
    const merged = mergeManifest('pyproject.toml', base, head);
    expect(merged).toEqual({
      changed: true,
      text: '[project]\nname = "b"\n\n[tool.pytest.ini_options]\naddopts = "-q"\n',
    });
  });

  it('sees no change in a new dependency', () => {
    const head = base.replace('name = "a"', 'name = "a"\ndependencies = ["x"]');
    expect(mergeManifest('pyproject.toml', base, head)).toEqual({ changed: false, text: head });
  });

  it('takes the whole base where a section could hide from it', () => {
    for (const head of [
      `${base}[ tool ]\npytest = { ini_options = { addopts = "--co" } }\n`,
      `tool.pytest.ini_options.addopts = "--co"\n${base}`,
      `${base}["tool"."pytest"]\nx = 1\n`,
    ])
      expect(mergeManifest('pyproject.toml', base, head), head).toEqual({ changed: true, text: base });
  });

  it('sees no change in other layout', () => {
    const head = base.replace('addopts = "-q"', '# quiet\naddopts="-q"');
    expect(mergeManifest('pyproject.toml', base, head)?.changed).toBe(false);
  });

  it('pins keys of Cargo.toml that take tests out, not members that come to it', () => {
    const cargo = '[package]\nname = "a"\n\n[workspace]\nmembers = ["b"]\n';
    const changed = (head: string) => mergeManifest('Cargo.toml', cargo, head)?.changed;
    expect(changed(cargo.replace('name', 'autotests = false\nname'))).toBe(true);
    expect(changed(`${cargo}\n[lib]\npath = "src/other.rs"\n`)).toBe(true);
    expect(changed(`${cargo}exclude = ["b"]\n`)).toBe(true);
    expect(changed(`${cargo}\n[lib]\ntest = false\n`)).toBe(true);
    expect(changed(cargo.replace('["b"]', '[\n  "b",\n  "c",\n]'))).toBe(false);
  });

  it('reads long strings as strings, and nothing that only looks like one', () => {
    const long = '[package]\nname = "a"\ndescription = """\n[test]\n"""\n';
    expect(mergeManifest('Cargo.toml', long, long.replace('"a"', '"b"'))?.changed).toBe(false);
    const hides = '# """\n[[test]]\nname = "t"\nharness = false\n# """\n';
    for (const head of [`${long}${hides}`, `${long}x = """\n${hides}`])
      expect(mergeManifest('Cargo.toml', long, head)?.changed, head).toBe(true);
  });

  it('pins what switches Rust tests off', () => {
    const cargo = '[package]\nname = "a"\n';
    expect(mergeManifest('Cargo.toml', cargo, `${cargo}[[test]]\nname = "t"\nharness = false\n`)).toEqual({
      changed: true,
      text: cargo,
    });
    expect(mergeManifest('Cargo.toml', cargo, `${cargo}[dependencies]\nb = "1"\n`)?.changed).toBe(false);
  });

  describe('of Cargo.toml', () => {
    const crate = '[package]\nname = "a"\nedition = "2021"\n\n[[bench]]\nname = "old"\nharness = false\n';
    const bench = '\n[[bench]]\nname = "new"\nharness = false\n';
    const tests = '\n[[test]]\nname = "new"\n';

    it.each([bench, tests, `${bench}required-features = [\n  "a",\n]\n${tests}`])(
      'lets a new target come that takes nothing from the others',
      (added) => {
        const head = crate + added;
        expect(mergeManifest('Cargo.toml', crate, head)).toEqual({ text: head, changed: false });
      },
    );

    it.each([
      ['one that is there is run otherwise', crate.replace('harness = false', 'harness = true')],
      ['it lies elsewhere', `${crate}${bench}path = "tests/a.rs"\n`],
      ['a second of its name comes', crate + bench.replace('new', 'old')],
      ['tests run without what tells that they failed', `${crate}${tests}harness = false\n`],
      ['tests may be left out', `${crate}${tests}required-features = ["never"]\n`],
      ['it has no name', `${crate}\n[[test]]\n`],
    ])('is kept as it was where %s', (_where, head) => {
      expect(mergeManifest('Cargo.toml', crate, head)?.changed).toBe(true);
    });

    it('is kept as it was where a test by name would hide those without, as in the first edition', () => {
      for (const first of [crate.replace('edition = "2021"\n', ''), crate.replace('2021', '2015')]) {
        expect(mergeManifest('Cargo.toml', first, first + tests)?.changed).toBe(true);
        expect(mergeManifest('Cargo.toml', crate, first + tests)?.changed).toBe(true);
      }
    });

    it('keeps a new target where something else is put back', () => {
      const merged = mergeManifest('Cargo.toml', crate, `${crate}${bench}\n[profile.test]\nopt-level = 3\n`);
      expect(merged?.changed).toBe(true);
      expect(merged?.text).toContain('name = "new"');
      expect(merged?.text).not.toContain('profile.test');
    });
  });
});

describe('a version', () => {
  const lock = (version: string, wanted: string, resolved: string) =>
    JSON.stringify({
      name: 'a',
      version,
      lockfileVersion: 3,
      packages: {
        '': { name: 'a', version, devDependencies: { b: wanted } },
        'node_modules/b': { version: '1.0.0', resolved },
      },
    });

  it('of the package itself may go up in its lock file, and nothing that is installed', () => {
    const same = (now: string) => saysTheSame('package-lock.json', lock('1.0.0', '^1.0.0', 'b.tgz'), now);
    expect(same(lock('2.0.0', '^1.0.0', 'b.tgz'))).toBe(true);
    expect(same(lock('2.0.0', '^1.0.0', 'c.tgz'))).toBe(false);
    expect(same(lock('2.0.0', '*', 'b.tgz'))).toBe(false);
    expect(same('{')).toBe(false);
  });

  it('of a package may be set aside in the settings of pnpm, which say nothing else anew', () => {
    const pnpm = (settings: object) => JSON.stringify({ pnpm: settings });
    const changed = (old: string, now: string) => mergeManifest('package.json', old, now)?.changed;
    const built = { onlyBuiltDependencies: ['esbuild'], overrides: { a: '1' } };
    expect(changed('{}', pnpm(built))).toBe(false);
    expect(changed(pnpm({ ...built, scriptShell: 'sh' }), pnpm({ scriptShell: 'sh' }))).toBe(false);
    expect(changed('{}', pnpm({ ...built, scriptShell: '/bin/true' }))).toBe(true);
  });

  it('of the package manager may go up, while gates go on with the one that is there', () => {
    const pinned = (packageManager: string) => JSON.stringify({ packageManager });
    const base = pinned('pnpm@10.4.0');
    expect(mergeManifest('package.json', base, pinned('pnpm@10.6.1+sha512.ab'))).toEqual({
      text: base,
      changed: false,
    });
    expect(mergeManifest('package.json', base, pinned('yarn@10.4.0'))?.changed).toBe(true);
    expect(mergeManifest('package.json', base, '{}')?.changed).toBe(true);
    expect(mergeManifest('package.json', '{}', base)?.changed).toBe(true);
  });

  it('may go up beside lists that begin with quotes', () => {
    const pyproject = (version: string, args: string) => `[project]
version = "${version}"

[tool.tox.env_run_base]
commands = [
    ["python", "-m", ${args}], # [tool.pytest]
]
[tool.a]
b = { c = [
  [ "x" ] ] }
`;
    const base = pyproject('1', '"unittest"');
    expect(mergeManifest('pyproject.toml', base, pyproject('2', '"unittest"'))?.changed).toBe(false);
    expect(mergeManifest('pyproject.toml', base, pyproject('1', '"true"'))?.changed).toBe(true);
    expect(mergeManifest('pyproject.toml', base, `${base}["tool".pytest]\n`)?.changed).toBe(true);
  });
});
