import { isDeepStrictEqual } from 'node:util';
import { mergeToml } from '../pins/toml-sections.ts';
import {
  type Ecosystem,
  type FoundCommand,
  type MergedManifest,
  NO_SETUP,
  NOTHING_AT_HOME,
} from './types.ts';

const SECTION = /^(test|bench|lints|workspace\.lints|profile\.test|target\..*runner)(\.|$)/;

export const cargo: Ecosystem = {
  name: 'cargo',
  async find(tree) {
    if (!tree.has('Cargo.toml')) return {};
    const found = (command: string): FoundCommand => ({ command, source: 'Cargo.toml' });
    return {
      test: found('cargo test'),
      lint: found('cargo clippy --all-targets -- -D warnings'),
      format: found('cargo fmt --check'),
      guessed: ['lint', 'format'],
      setup: tree.has('Cargo.lock') ? { command: 'cargo fetch --locked', source: 'Cargo.lock' } : null,
    };
  },
  definitions: {
    names: [
      /^(rustfmt|\.rustfmt|clippy|\.clippy|nextest|tarpaulin|\.tarpaulin)\.toml$/,
      /^rust-toolchain(\.toml)?$/,
    ],
    paths: [
      /(^|\/)\.cargo\/config(\.toml)?$/,
      // Cargo runs it before it compiles anything.
      /^(?!(.*\/)?(src|tests)\/)(.*\/)?build\.rs$/,
      /(^|\/)\.config\/nextest\.toml/,
    ],
    families: [{ names: /^Cargo\.lock$/, locks: true, free: false }],
  },
  manifests: [{ name: /^Cargo\.toml$/, merge: mergeCargo }],
  installed: [],
  setup: {
    ...NO_SETUP,
    programs: ['cargo', 'rustc'],
    variables: (folder) => ({ CARGO_HOME: `${folder}/cargo` }),
    offline: { CARGO_NET_OFFLINE: 'true' },
  },
  home: {
    ...NOTHING_AT_HOME,
    caches: ['.cargo/registry', '.cargo/git'],
    companions: [{ when: '.cargo/bin', folder: '.rustup', variable: 'RUSTUP_HOME' }],
  },
};

/** Some keys stand among what is ordinary work: where these differ, the whole is put back. */
function mergeCargo(base: string, head: string): MergedManifest {
  if (!isDeepStrictEqual(provingKeys(base), provingKeys(head))) return { text: base, changed: true };
  return mergeToml(base, head, SECTION);
}

/** Of a Cargo.toml: keys that take tests out of a run, by section, and members that are left out of a workspace. */
function provingKeys(text: string): string[] {
  const found: string[] = [];
  let section = '';
  let joined = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#[^"']*$/, '').trim();
    section = /^\[\[?\s*([^\]]+?)\s*\]\]?$/.exec(line)?.[1] ?? section;
    joined += line;
    if ((joined.match(/\[/g)?.length ?? 0) > (joined.match(/\]/g)?.length ?? 0)) continue;
    const [, key = '', value = ''] = /^["']?([\w-]+)["']?\s*=\s*(.*)$/.exec(joined) ?? [];
    joined = '';
    const switches = /^(test|doctest|harness|autotests|autobins|autoexamples|build)$/;
    if (/^(package|lib|bin|example)$/.test(section) && switches.test(key))
      found.push(`${section} ${key} ${value}`);
    // Tests within the file of before would be compiled no more.
    if (section === 'lib' && key === 'path') found.push(`${section} ${key} ${value}`);
    if (section === 'workspace' && /^(exclude|default-members)$/.test(key)) found.push(`${key} ${value}`);
  }
  return found.sort();
}
