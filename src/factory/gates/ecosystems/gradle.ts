import { type Ecosystem, type FoundCommand, NO_SETUP, NOTHING_AT_HOME, wholeUnless } from './types.ts';

const BUILD_FILES = ['build.gradle', 'build.gradle.kts'];

/**
 * Without a set-up, as with Maven. By the machine's program: a wrapper wants to fetch its own distribution, or to write to the one that
 * the owner has, and commands may do neither.
 */
export const gradle: Ecosystem = {
  name: 'gradle',
  async find(tree) {
    const file = [...BUILD_FILES, 'settings.gradle', 'settings.gradle.kts'].find((each) => tree.has(each));
    const text = file === undefined ? null : await tree.read(file);
    if (file === undefined || text === null) return {};
    const task = (names: string): FoundCommand => ({
      command: `gradle --offline --no-daemon ${names}`,
      source: file,
    });
    return {
      test: task('test'),
      lint: /\bcheckstyle\b/.test(text) ? task('checkstyleMain checkstyleTest') : null,
      format: text.includes('com.diffplug.spotless') ? task('spotlessCheck') : null,
      guessed: ['lint', 'format'],
    };
  },
  definitions: {
    names: [],
    paths: [/(^|\/)gradle\/(wrapper\/|.*\.toml$)/],
    families: [
      { names: /^(build|settings)\.gradle(\.kts)?$|^gradle\.properties$/, locks: false, free: false },
      { names: /^gradlew(\.bat)?$/, locks: false, free: false },
      { names: /^(buildscript-)?gradle\.lockfile$/, locks: true, free: false },
    ],
  },
  manifests: [
    {
      name: /^build\.gradle(\.kts)?$/,
      merge: wholeUnless((base, head) => provingPart(base) === provingPart(head)),
    },
  ],
  installed: [],
  setup: { ...NO_SETUP, programs: ['java', 'gradle'] },
  home: {
    ...NOTHING_AT_HOME,
    lent: {
      folder: '.gradle/caches/modules-2',
      as: '.gradle-lent/modules-2',
      variable: 'GRADLE_RO_DEP_CACHE',
    },
  },
};

/** All but dependencies and coordinates, without layout and comments. */
function provingPart(text: string): string {
  const bare = text.replace(
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_all, string?: string) => string ?? '',
  );
  return withoutBlocks(bare, /(?:^|\n)\s*dependencies\s*\{/)
    .replace(/^\s*(?:version|group|description)\b.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Without each block whose head is given, to its closing bracket. */
function withoutBlocks(text: string, head: RegExp): string {
  let rest = text;
  for (let found = head.exec(rest); found !== null; found = head.exec(rest)) {
    let depth = 1;
    let at = found.index + found[0].length;
    for (; at < rest.length && depth > 0; at += 1) {
      if (rest[at] === '{') depth += 1;
      if (rest[at] === '}') depth -= 1;
    }
    rest = rest.slice(0, found.index) + rest.slice(at);
  }
  return rest;
}
