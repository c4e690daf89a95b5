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
    paths: [
      /(^|\/)gradle\/(wrapper\/|.*\.toml$|$)/,
      // A build of its own, which runs before that of the repository, wherever there is one.
      /(^|\/)buildSrc\/((build|settings)\.gradle(\.kts)?$|$)/,
    ],
    families: [
      { names: /^(build|settings)\.gradle(\.kts)?$|^gradle\.properties$/, locks: false, free: false },
      { names: /^gradlew(\.bat)?$/, locks: false, free: false },
      { names: /^(buildscript-)?gradle\.lockfile$/, locks: true, free: false },
    ],
  },
  manifests: [
    {
      // Those that a build applies, too.
      name: /^(?!settings\.).+\.gradle(\.kts)?$/,
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

/** Groovy's texts between slashes, in which anything may look like a comment or a quote. */
const SLASHY = /[=(,:~]\s*\/(?![/*])|[\w)\]]\s+\/(?![/*\s])/;
const STRING_OR_COMMENT =
  /("""[\s\S]*?"""|'''[\s\S]*?'''|\$\/[\s\S]*?\/\$|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;

/** All but plain dependencies and coordinates, without layout and comments. What else stands in their blocks may do anything. */
function provingPart(text: string): string {
  const bare = SLASHY.test(text)
    ? text
    : text.replace(STRING_OR_COMMENT, (_all, string?: string) => string ?? '');
  return withoutDependencies(bare).replace(COORDINATE, '').replace(/\s+/g, ' ').trim();
}

/** A text without code in it: names may be put in, and properties of what has a name. */
const LITERAL = String.raw`(?:"(?:[^"\\\n$]|\\.|\$\w|\$\{[\w.]+(?:\(\))?\})*"|'(?:[^'\\\n]|\\.)*')`;
const COORDINATE = new RegExp(
  `^[ \\t]*(?:version|group|description)[ \\t]*=?[ \\t]*${LITERAL}[ \\t]*$`,
  'gm',
);

/** What takes dependencies: by a usual name, for Gradle calls anything that is followed by a value. */
const WORD = String.raw`(["']?)(?:\w*(?:[iI]mplementation|[aA]pi|[cC]ompile|[cC]ompileOnly(?:Api)?|[rR]untime|[rR]untimeOnly|[pP]rocessor|[cC]lasspath)|(?:kapt|ksp|provided|spotbugs|detekt|ktlint|protobuf)\w*|developmentOnly|testAndDevelopmentOnly|coreLibraryDesugaring|lintChecks|lintPublish|checkstyle|pmd|errorprone|jmh|shadow|antlr|dependency|mavenBom|add)\1`;
const PAIR = String.raw`(?:group|name|version|ext|type|classifier|configuration|module|path|transitive|changing)[ \t]*[:=][ \t]*(?:${LITERAL}|[\w.]+)`;
const PAIRS = String.raw`${PAIR}(?:\s*,\s*${PAIR})*`;
/** `libs.junit`, by which a catalogue or a list of constants is meant. */
const VALUE = String.raw`(?:${LITERAL}|${PAIR}|[a-zA-Z]\w*(?:\.\w+)+(?:\.get\(\))?)`;
const CALL = String.raw`(?:project|platform|enforcedPlatform|testFixtures|kotlin|npm)\(\s*(?:project\(\s*${VALUE}\s*\)|${VALUE})(?:\s*,\s*${VALUE})*\s*\)`;
const WANTED = String.raw`(?:${CALL}|(?:gradleApi|localGroovy|gradleTestKit|gradleKotlinDsl)\(\)|${VALUE})`;
const LIST = String.raw`${WANTED}(?:\s*,\s*${WANTED})*`;
const VERSION = String.raw`version\s*\{\s*(?:(?:strictly|prefer|require|reject)[ \t(]+${LITERAL}\s*\)?\s*)+\}`;
const DETAIL = String.raw`(?:exclude(?:[ \t]+${PAIRS}|\(\s*${PAIRS}\s*\))|because(?:[ \t]+${LITERAL}|\(\s*${LITERAL}\s*\))|(?:transitive|changing|force|isTransitive|isChanging|isForce)[ \t]*=[ \t]*(?:true|false)|${VERSION})`;
const DETAILS = String.raw`[ \t]*\{\s*(?:${DETAIL}[ \t]*(?:[;\n]\s*|(?=\})))*\}`;
const END = String.raw`[ \t]*(?:;[ \t]*)?(?=\n|\}|$)`;
const DEPENDENCY = new RegExp(
  String.raw`(?<=^|[\n{;])[ \t]*${WORD}(?:[ \t]+${LIST}|[ \t]*\(\s*${LIST}\s*,?\s*\))(?:${DETAILS})?${END}`,
  'g',
);
const EMPTY = /(?:\bconstraints|\bimports)\s*\{\s*\}/g;

/** Without plain dependencies in the blocks that are for them, and without such blocks in which nothing is left. */
function withoutDependencies(text: string): string {
  const head = /\bdependencies\s*\{/g;
  let out = '';
  let from = 0;
  for (let found = head.exec(text); found !== null; found = head.exec(text)) {
    const start = head.lastIndex;
    const end = endOfBlock(text, start);
    const left = text.slice(start, end).replace(DEPENDENCY, '').replace(EMPTY, '');
    const isEmpty = left.trim() === '' && text[end] === '}';
    out += isEmpty ? text.slice(from, found.index) : text.slice(from, start) + left;
    from = isEmpty ? end + 1 : end;
    head.lastIndex = from;
  }
  return out + text.slice(from);
}

/** Where the bracket stands that closes a block. @param start behind the one that opens it */
function endOfBlock(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}
