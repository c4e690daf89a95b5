import { describe, expect, it } from 'vitest';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import { saysTheSame } from '../../../../src/factory/gates/pins/same-content.ts';
import { sampleProject } from '../../../support/samples.ts';
import { gitOver } from '../proof/two-commits.ts';

const block = (name: string, version: string, source: string) =>
  `[[package]]\nname = "${name}"\nversion = "${version}"\n${source}`;
const CRATES = 'source = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "1"\n';
const PYPI = 'source = { registry = "https://pypi.org/simple" }\n';

/** A file with the version of the repository's own package, and that of another one. */
const FILES: Record<string, (own: string, other: string) => string> = {
  'Cargo.lock': (own, other) =>
    `version = 4\n\n${block('a', own, 'dependencies = [\n "b",\n]\n')}\n${block('b', other, CRATES)}`,
  'uv.lock': (own, other) =>
    `version = 1\n\n${block('a', own, 'source = { editable = "." }\n')}\n${block('b', other, PYPI)}`,
  'Gemfile.lock': (own, other) =>
    `PATH\n  remote: .\n  specs:\n    a (${own})\n      c (= ${own})\n    c (${own})\n      b (>= 1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    b (${other})\n`,
  'package-lock.json': (own, other) =>
    JSON.stringify({
      version: own,
      packages: {
        '': { version: own, workspaces: ['packages/*'] },
        'node_modules/@x/a': { resolved: 'packages/a', link: true },
        'packages/a': { name: '@x/a', version: own },
        'packages/c': { name: '@x/c', version: own, dependencies: { '@x/a': `^${own}`, b: '*' } },
        'node_modules/b': { version: other },
      },
    }),
  'lerna.json': (own, other) => JSON.stringify({ version: own, npmClient: other }),
  'gradle.properties': (own, other) => `version=${own}\njunitVersion=${other}\n`,
};

describe('a release', () => {
  it.each(Object.entries(FILES))(
    'may change the own version in %s, and that of no other package',
    (path, text) => {
      const path2 = `sub/${path}`;
      expect(saysTheSame(path2, text('1.2.0', '1.0.0'), text('1.3.0', '1.0.0'))).toBe(true);
      expect(saysTheSame(path2, text('1.2.0', '1.0.0'), text('1.3.0', '1.0.1'))).toBe(false);
    },
  );

  it('does not make a package one of the repository’s', () => {
    const lock = FILES['Cargo.lock'] ?? (() => '');
    const patched = lock('1.2.0', '1.0.1').replace(CRATES, '');
    expect(saysTheSame('Cargo.lock', lock('1.2.0', '1.0.0'), patched)).toBe(false);
    const linked = FILES['package-lock.json']?.('1.2.0', '1.0.0').replace(
      '"node_modules/b":{"version":"1.0.0"}',
      '"node_modules/b":{"resolved":"b","link":true}',
    );
    expect(
      saysTheSame('package-lock.json', FILES['package-lock.json']?.('1.2.0', '1.0.0') ?? '', linked ?? ''),
    ).toBe(false);
  });

  const pom = (name: string, own: string, parent: string, rest = '') =>
    `<project>\n${parent === '' ? '' : `<parent><artifactId>${parent.split(':')[0]}</artifactId><version>${parent.split(':')[1]}</version></parent>\n`}` +
    `<artifactId>${name}</artifactId>${own === '' ? '' : `<version>${own}</version>`}\n${rest}</project>\n`;
  const tree = (version: string, { root = '', module = '', parent = 'p' } = {}) => ({
    'pom.xml': pom('p', version, '', root),
    'a/pom.xml': pom('a', '', `${parent}:${version}`, module),
    'a/b/pom.xml': pom('b', '', `a:${version}`),
  });
  const pins = async (base: Record<string, string>, head: Record<string, string>) => {
    const project = sampleProject({ baseCommit: 'base' });
    const words = { allowAll: false, owner: ['Release 1.3.0.'], agents: [] };
    const { changed, texts } = await findPins(gitOver(base, head), project, 'head', words, []);
    return { changed: changed.map(({ path }) => path), texts };
  };

  it('gives modules of Maven another parent version together with the parent', async () => {
    expect(await pins(tree('1.2.0'), tree('1.3.0'))).toEqual({ changed: [], texts: {} });
  });

  it('takes no part of the build along with it, nor a parent from elsewhere', async () => {
    const skip =
      '<build><plugins><plugin><configuration><skipTests>true</skipTests></configuration></plugin></plugins></build>';
    const module = await pins(tree('1.2.0'), tree('1.3.0', { module: skip }));
    expect(module.changed).toEqual(['a/pom.xml', 'a/b/pom.xml'].sort());
    // Put back as it was, it still finds its parent.
    expect(module.texts['a/pom.xml']).toBe(tree('1.3.0')['a/pom.xml']);
    expect((await pins(tree('1.2.0'), tree('1.3.0', { root: skip }))).changed).toContain('a/pom.xml');
    const other = { parent: 'spring-boot-starter-parent' };
    expect((await pins(tree('1.2.0', other), tree('1.3.0', other))).changed).toContain('a/pom.xml');
  });
});
