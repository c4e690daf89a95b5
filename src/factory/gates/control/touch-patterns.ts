/* Lines by which code of a product touches what is to judge it, or asks who is asking. */

/** Of the many parts of Jest those that judge: products compare and start workers by others (`jest-diff`, `jest-worker`). */
const JEST =
  'jest(?:-(?:circus|cli|each|expect|extended|jasmine2|mock(?:-extended)?|runner|runtime|snapshot|environment(?:-[\\w-]+)?))?';

/** Modules that judge: no product needs them, but for those that are tools for tests themselves. */
const RUNNERS = `node:test|vitest|@vitest/[\\w-]+|@jest/[\\w-]+|${JEST}|mocha|ava|tape|tap|@tapjs/[\\w-]+|uvu(?:/assert)?|chai|bun:test|expect|jasmine(?:-core)?`;

/** What judges call of the language's own objects: products add to these at most, and replace none. */
const BUILTIN =
  '(?:Array|String|Number|Boolean|Object|RegExp|Map|Set|Function|Promise|Symbol|Date)\\.prototype';
const METHOD =
  'apply|bind|call|catch|concat|constructor|entries|every|exec|filter|find|findIndex|forEach|get|getTime|has|hasOwnProperty|' +
  'includes|indexOf|join|keys|map|match|push|reduce|replace|slice|some|sort|split|startsWith|endsWith|test|then|toString|' +
  'trim|valueOf|values';

const JAVASCRIPT: readonly RegExp[] = [
  new RegExp(
    `\\bfrom\\s*["'](?:${RUNNERS})["']|\\b(?:require|import)\\(\\s*["'](?:${RUNNERS})["']|^\\s*import\\s*["'](?:${RUNNERS})["']|\\bexpect\\.extend\\(`,
  ),
  // `assert.equal = …`, by whatever way, and the globals of runners.
  /(?<![\w.$])(?:assert|expect|chai|should)(?:\.\w+|\[[^\]\n]+\])+\s*=(?![=>])/,
  /\b(?:Object|Reflect)\.(?:assign|define\w+|set\w*)\(\s*(?:(?:assert|expect|chai)\b|\(?\s*(?:await\s+import|require)\(\s*["'](?:node:)?assert\b)/,
  /\b(?:require|import)\(\s*["'](?:node:)?assert(?:\/strict)?["']\s*\)\)?(?:\.\w+|\[[^\]\n]+\])+\s*=(?![=>])/,
  /\b(?:globalThis|global|window|self)(?:\.|\[\s*["'])(?:assert|expect|it|test|describe|suite|beforeEach|afterEach)\b[^\n=]*=(?![=>])/,
  /\bsyncBuiltinESMExports\b|\bgetBuiltinModule\(\s*["'](?:node:)?(?:assert|test)\b/,
  /\bprocess\.(?:exit|reallyExit)\s*=(?![=>])|\bdefineProperty\(\s*process\s*,\s*["'](?:exit|exitCode|reallyExit)/,
  /\brequire\.cache\[[^\n]*\](?:\.\w+)*\s*=(?![=>])/,
  // What tests read and compare by.
  /(?<![\w.$])(?:JSON\.(?:parse|stringify)|Object\.is|Date\.now|Math\.random)\s*=(?![=>])/,
  new RegExp(
    `\\b${BUILTIN}(?:\\.(?:${METHOD})|\\[\\s*(?:["'](?:${METHOD})["']|Symbol\\.\\w+)\\s*\\])\\s*=(?![=>])`,
  ),
  new RegExp(
    `\\b(?:Object|Reflect)\\.(?:defineProperty|set)\\(\\s*${BUILTIN}\\s*,\\s*(?:["'](?:${METHOD})["']|Symbol\\.)`,
  ),
  // Who is asking, by what runners leave (`asking.ts` has the rest).
  /\bnpm_(?:lifecycle_(?:event|script)|command)\b[^\n]*test/i,
  /\benv(?:\.|\[\s*["'`])(?:VITEST(?:_\w+)?|JEST_WORKER_ID|NODE_TEST_CONTEXT|MOCHA_\w+|AVA_PATH|TAP_CHILD_ID|UVU_\w+)\b/,
  /\bModule\._(?:load|resolveFilename|extensions|compile)\b\s*(?:\[[^\]\n]*\]\s*)?=(?![=>])|\bprocess\.binding\(|\bNODE_TEST_CONTEXT\b/,
];

const PYTHON: readonly RegExp[] = [
  /^\s*(?:import|from)\s+(?:unittest|pytest|_pytest|pluggy|nose2?)\b/,
  // By which modules test themselves: old code that does so touches nothing else.
  /^\s*(?:import|from)\s+doctest\b/,
  /\b(?:unittest|pytest|_pytest|doctest|\w*TestCase)(?:\.\w+)*\.\w+\s*=(?!=)|\bsetattr\(\s*(?:unittest|pytest|_pytest|doctest|\w*TestCase)\b/,
  /\b(?:import_module|__import__)\(\s*["'](?:unittest|pytest|_pytest|pluggy)\b/,
  /\bsys\.modules(?:\.get\(|\[)\s*["'](?:unittest|pytest|_pytest|pluggy|__main__)\b/,
  /\bbuiltins\.(?:AssertionError|__import__|exit)\s*=(?!=)|\bsys\.settrace\(|\bPYTEST_CURRENT_TEST\b/,
  /\bgc\.get_(?:objects|referrers)\(/,
  /^\s*(?:builtins\.open|(?:io|json|math|decimal|pathlib|os(?!\.environ))\.\w+(?:\.\w+)?)\s*=(?!=)/,
  /["'](?:unittest|pytest|_pytest|nose2?|doctest)[\w.]*["']\s+(?:not\s+)?in\s+sys\.modules/,
  /\bf_locals(?:\[|\.get\()\s*["']self["']|["']PYTEST_\w+["']/,
];

/** Of languages whose code cannot replace an assertion: it may be compiled otherwise for tests, or look who runs it. */
const RUST: readonly RegExp[] = [
  // A feature of the product may have the word in its name.
  /\bcfg!\((?:"[^"\n]*"|[^)"\n])*?\btest\b/,
  /#\[cfg\([^\]\n]*\bnot\(\s*test\s*\)/,
  /\bmacro_rules!\s+(?:debug_)?assert/,
  // What equals everything.
  /\bfn\s+(?:eq|ne|cmp|partial_cmp)\s*\(\s*&self\s*,\s*_/,
  /"(?:NEXTEST\w*|RUST_TEST_THREADS)"/,
];
const GO: readonly RegExp[] = [/\btesting\.Testing\(\)|\bflag\.Lookup\(\s*"test\./];
const JVM: readonly RegExp[] = [/\borg\.(?:junit|testng)\b|"[^"\n]*\b(?:junit|surefire)\b/];
const PERL: readonly RegExp[] = [
  /\*(?:main|Test)::[\w:]+\s*=|\bTest::(?:More|Builder|Simple|Most|Deep)\b|\bHARNESS_(?:ACTIVE|VERSION)\b|^\s*(?:END\s*\{[^\n]*)?\$\?\s*=(?!=)/,
];
const C: readonly RegExp[] = [
  /^\s*#\s*(?:undef|define)\s+(?:assert|NDEBUG|(?:ASSERT|EXPECT)_[A-Z]+(?=\()|(?:CU_ASSERT|TEST_ASSERT|ck_assert)\w*)\b/,
];
const RUBY: readonly RegExp[] = [/\b(?:Minitest|RSpec|Test::Unit)\b/];
const PHP: readonly RegExp[] = [/\bPHPUnit\\/, /\bdefined\(\s*["'](?:__)?PHPUNIT_\w+/];

/** Names under which a file has node:assert, or what tests read by, for assignments to members. */
const ASSERT_NAMES =
  /\bimport\s+(?:\*\s+as\s+)?(\w+)[^;\n]*from\s*["'](?:node:)?assert(?:\/strict)?["']|\b(?:const|let|var)\s+(?:\{\s*default\s*:\s*)?(\w+)\s*\}?\s*=\s*\(?\s*(?:await\s+)?(?:require|import)\(\s*["'](?:node:)?assert/g;

const READ_NAMES =
  /\bimport\s+(?:\*\s+as\s+)?(\w+)[^;\n]*from\s*["'](?:node:)?(?:fs|fs\/promises|child_process|util)["']|\b(?:const|let|var)\s+(\w+)\s*=\s*(?:await\s+)?(?:require|import)\(\s*["'](?:node:)?(?:fs|fs\/promises|child_process|util)["']/g;

/** @param text of the file, for the names that it has things by */
export function touchPatterns(path: string, text: string): readonly RegExp[] {
  if (/\.(?:[cm]?[jt]sx?|vue|svelte)$/.test(path)) return javascriptFor(text);
  const [, patterns = []] = BY_EXTENSION.find(([extension]) => extension.test(path)) ?? [];
  return patterns;
}

const BY_EXTENSION: readonly [RegExp, readonly RegExp[]][] = [
  [/\.pyi?$/, PYTHON],
  [/\.rs$/, RUST],
  [/\.go$/, GO],
  [/\.(?:java|kt|scala|groovy)$/, JVM],
  [/\.p[lm]$/, PERL],
  [/\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|inl)$/, C],
  [/\.rb$/, RUBY],
  [/\.php$/, PHP],
];

function javascriptFor(text: string): RegExp[] {
  const names = [...text.matchAll(ASSERT_NAMES)].map(([, one, other]) => one ?? other ?? 'assert');
  const read = [...text.matchAll(READ_NAMES)].map(([, one, other]) => one ?? other ?? 'fs');
  const assigned = names.map(
    (name) =>
      new RegExp(
        `(?<![\\w.$])${name}(?:\\.\\w+|\\[[^\\]\\n]+\\])+\\s*=(?![=>])|\\(\\s*${name}\\s*,\\s*["']\\w+["']|\\bObject\\.(?:assign|define\\w+)\\(\\s*${name}\\b`,
      ),
  );
  return [
    ...JAVASCRIPT,
    ...assigned,
    ...read.map((name) => new RegExp(`(?<![\\w.$])${name}(?:\\.\\w+|\\[[^\\]\\n]+\\])+\\s*=(?![=>])`)),
  ];
}
