import { isDeepStrictEqual } from 'node:util';
import { mergeToml } from '../pins/toml-sections.ts';
import {
  type BaseTree,
  type Ecosystem,
  type FoundCommand,
  type MergedManifest,
  NO_SETUP,
  NOTHING_AT_HOME,
} from './types.ts';

/** What stands in for a package is compiled into tests as well: an assertion library whose assertions do nothing. */
const SECTION = /^(test|bench|lints|workspace\.lints|profile\.test|patch|replace|target\..*runner)(\.|$)/;

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
      setup: tree.has('Cargo.lock')
        ? { command: 'cargo fetch --locked', source: 'Cargo.lock' }
        : (await declaresCrates(tree))
          ? { command: 'cargo fetch', source: 'Cargo.toml', unlocked: true, optional: true }
          : null,
    };
  },
  definitions: {
    names: [
      /^(rustfmt|\.rustfmt|clippy|\.clippy|nextest|tarpaulin|\.tarpaulin)\.toml$/,
      /^rust-toolchain(\.toml)?$/,
    ],
    paths: [
      /(^|\/)\.cargo\/(config(\.toml)?)?$/,
      // Cargo runs it before it compiles anything.
      /^(?!(.*\/)?(src|tests)\/)(.*\/)?build\.rs$/,
      /(^|\/)\.config\/(nextest\.toml|$)/,
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

/** A workspace with more members has a lock file. */
const MOST_MEMBERS = 50;

async function declaresCrates(tree: BaseTree): Promise<boolean> {
  const manifests = tree.paths.filter((path) => /(?:^|\/)Cargo\.toml$/.test(path));
  for (const path of manifests.slice(0, MOST_MEMBERS))
    if (/^\s*\[(?:[^\]\n]*\.)?(?:dev-|build-)?dependencies\b/m.test((await tree.read(path)) ?? ''))
      return true;
  return false;
}

/** Some keys stand among what is ordinary work: where these differ, the whole is put back. */
function mergeCargo(base: string, head: string): MergedManifest {
  if (!isDeepStrictEqual(provingKeys(base), provingKeys(head))) return { text: base, changed: true };
  const [before, after] = [cratesIn(base), cratesIn(head)];
  const moved = [...after.own].some((name) => before.forTests.has(name) && !before.own.has(name));
  if (moved) return { text: base, changed: true };
  const added = addedTargets(base, head);
  const merged = mergeToml(
    base,
    added.reduce((text, section) => text.replace(section, () => ''), head),
    SECTION,
  );
  if (!merged.changed) return { text: head, changed: false };
  return { text: [merged.text, ...added].join(merged.text.endsWith('\n') ? '' : '\n'), changed: true };
}

/** What a target that is new may say: of a benchmark how it is run, which no test is by; of tests nothing that leaves them out. */
const OF_TARGET: Readonly<Record<string, RegExp>> = {
  bench: /^(?:name|harness|required-features|test|bench|doc)$/,
  test: /^name$/,
};

/** Sections of benchmarks and tests that the base has none of by that name, and that lie where they are looked for. */
function addedTargets(base: string, head: string): string[] {
  if (/"""|'''/.test(head)) return [];
  // In the first edition one target that is named hides all that are not.
  const isFirst = [base, head].some(
    (text) => !/^\s*edition(?:\.workspace)?\s*=\s*(?:"20(?!15)|true)/m.test(text),
  );
  const nameOf = (section: string) => /^\s*name\s*=\s*"([^"\n]+)"/m.exec(section)?.[1];
  const targets = (text: string) =>
    text.split(/^(?=[ \t]*\[)/m).flatMap((section) => {
      const kind = /^\[\[(bench|test)\]\]/.exec(section)?.[1];
      return kind === undefined ? [] : [{ kind, section, id: `${kind} ${nameOf(section) ?? ''}` }];
    });
  const known = new Set(targets(base).map(({ id }) => id));
  return targets(head)
    .filter(({ kind, section, id }) => {
      const keys = [...section.matchAll(/^[ \t]*([^\s#=[]+)[^\n=]*=/gm)].map(([, key = '']) => key);
      const isPlain = keys.every((key) => OF_TARGET[kind]?.test(key));
      return isPlain && nameOf(section) !== undefined && !known.has(id) && !(kind === 'test' && isFirst);
    })
    .map(({ section }) => section);
}

/**
 * Packages that tests alone use, or that a workspace shares, and names under which something is found that does not come from where
 * such a name is looked up: by a source of its own in any section, and the crate itself.
 */
function cratesIn(text: string): { forTests: Set<string>; own: Set<string> } {
  const [forTests, own] = [new Set<string>(), new Set<string>()];
  const OWN = /(?:^|[\s{,.])(?:path|git|package|registry)\s*=/;
  const FROM = /(?:^|\.)(?:(dev-|workspace\.)|build-)?dependencies\.["']?([\w-]+)["']?\s*(.*)$/;
  let section = '';
  for (const raw of text.split('\n')) {
    const line = raw.replace(/#[^"']*$/, '').trim();
    section = /^\[\[?\s*([^\]]+?)\s*\]\]?/.exec(line)?.[1] ?? section;
    const whole = [section, line].filter(Boolean).join('.');
    const crate = /^(?:package|lib)\.["']?name["']?\s*=\s*["']([\w-]+)/.exec(whole)?.[1];
    if (crate !== undefined) own.add(crateName(crate));
    const inOne = /(?:^|\.)["']?(?:dev-|build-)?dependencies["']?\s*=\s*(\{.*)$/.exec(whole)?.[1] ?? '';
    for (const [, name = '', source = ''] of inOne.matchAll(/([\w-]+)["']?\s*=\s*\{([^{}]*)\}/g))
      if (OWN.test(source)) own.add(crateName(name));
    const [, kind, name, rest = ''] = FROM.exec(whole) ?? [];
    if (name === undefined || line.startsWith('[')) continue;
    if (kind !== undefined) forTests.add(crateName(name));
    if (OWN.test(rest)) own.add(crateName(name));
  }
  return { forTests, own };
}

/** As code names it. */
const crateName = (name: string): string => name.replaceAll('-', '_');

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
    // Said in one line before all sections.
    if (section === '' && /^["']?(?:patch|replace)["']?\s*[.=]/.test(joined)) found.push(joined);
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
