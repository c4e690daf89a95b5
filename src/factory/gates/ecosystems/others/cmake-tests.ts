import { isDeepStrictEqual } from 'node:util';
import type { Call } from './cmake-calls.ts';

/** What makes tests: CMake's own, those of its modules, and functions of the repository by such a name. */
const TESTS = /tests?$/;
const BY_CTEST = /^(?:add_test|\w+_(?:discover|add)_tests)$/;
const LIKE_A_TEST = /(?:^|[/_.-])(?:tests?|specs?|checks?)(?:$|[/_.-])|(?:Tests?|Spec)\.\w+$/;
/** Targets that prove something by their names, whoever asks for them. */
const PROVES = /test|check|lint|format|verif|spec/i;
/** Another command of such a name is run in its place. */
const BUILT_IN = new RegExp(
  `^_*(?:${[
    'add_(?:compile_(?:definitions|options)|custom_(?:command|target)|definitions|dependencies|executable|library|link_options|subdirectory|test)',
    'set_(?:property|(?:tests|target|source_files|directory)_properties)',
    'target_(?:compile_(?:definitions|features|options)|include_directories|link_(?:libraries|options)|precompile_headers|sources)',
    'enable_(?:language|testing)|find_(?:package|program|library|path|file)|get_(?:property|target_property)',
    'include(?:_directories)?|link_libraries|list|string|file|set|unset|option|project|message|execute_process|configure_file|return',
    '(?:gtest|catch|doctest)_(?:discover|add)_tests',
  ].join('|')})$`,
  'i',
);
/** Assertions are compiled away, or something is read before each source. */
const UNCHECKED = /(?:^|[^U])NDEBUG|^-include\b|--wrap|^(?:-D)?assert\b/;
const LEFT_OUT = /^(?:DISABLED|WILL_FAIL|SKIP\w*|EXCLUDE\w*|PASS_\w+|FAIL_\w+)$/i;

/** Whether commands are replaced, or assertions compiled away. */
export function bends(calls: readonly Call[]): boolean {
  return calls.some(
    ({ name, args }) =>
      (/^(?:function|macro)$/.test(name) && BUILT_IN.test(args[0] ?? '')) ||
      args.some((each) => UNCHECKED.test(each)) ||
      (name === 'set' && args[0] === 'CMAKE_BUILD_TYPE' && /Rel/.test(args.join(' '))) ||
      /^(?:cmake_language|variable_watch)$/.test(name),
  );
}

/**
 * Whether a CMake file has all tests of before as they were, under the same conditions, made of the same sources of tests. More
 * tests, targets, sources and libraries are ordinary work.
 */
export function provesAsMuch(old: readonly Call[], now: readonly Call[]): boolean {
  const left = [...now];
  const take = (fits: (each: Call) => boolean): boolean => {
    const at = left.findIndex(fits);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  };
  const gone = old.filter((call) => !take((each) => isSame(call, each)));
  const words = wordsOf(old);
  for (const call of gone) {
    if (mayGrow(call, words) ? !take((each) => isMore(call, each)) : proves(call, words)) return false;
    if (!keepsSources(call, left)) return false;
  }
  return !left.some((call) => changes(call, old, words) || isEnd(call)) && !bends(left);
}

/** The same under the same conditions, or in a loop over more. */
const isSame = (one: Call, other: Call): boolean =>
  one.name === other.name && isDeepStrictEqual(one.args, other.args) && isWithin(one, other);

function isWithin({ within: one }: Call, { within: other }: Call): boolean {
  return (
    one.length === other.length &&
    one.every((block, at) => {
      const [name, item] = block;
      const now = other[at] ?? [];
      if (name !== 'foreach') return isDeepStrictEqual(block, now);
      return now[0] === name && now[1] === item && block.every((each) => now.includes(each));
    })
  );
}

function isMore(one: Call, other: Call): boolean {
  const added = other.args.filter((each) => !one.args.includes(each));
  return (
    one.name === other.name &&
    one.args[0] === other.args[0] &&
    isWithin(one, other) &&
    one.args.every((each) => other.args.includes(each)) &&
    !added.some((each) => LEFT_OUT.test(each))
  );
}

/** Of what the conditions and the loops of tests speak. */
interface Words {
  conditions: ReadonlySet<string>;
  lists: ReadonlySet<string>;
}

function wordsOf(calls: readonly Call[]): Words {
  const blocks = calls
    .filter((call) => TESTS.test(call.name) || isTestFolder(call))
    .flatMap(({ within }) => within);
  const words = (loops: boolean) =>
    blocks
      .filter(([name]) => (name === 'foreach') === loops)
      .flatMap((block) => block.slice(1).flatMap((each) => each.match(/\w+/g) ?? []));
  return { conditions: new Set(words(false)), lists: new Set(words(true)) };
}

const isTestFolder = ({ name, args }: Call): boolean =>
  /^(?:add_subdirectory|subdirs)$/.test(name) && LIKE_A_TEST.test(args[0] ?? '');

/** Where more is no less: sources of tests that a function of the repository makes, and lists of tests. */
function mayGrow({ name, args }: Call, { lists }: Words): boolean {
  if (TESTS.test(name)) return !BY_CTEST.test(name);
  return name === 'set' && lists.has(args[0] ?? '');
}

/** Tests, what is set for them, what asks for them, and the conditions under which there are any. */
function proves(call: Call, { conditions, lists }: Words): boolean {
  const { name, args } = call;
  const [first = '', second = ''] = args;
  if (TESTS.test(name) || /^(?:set_tests_properties|enable_testing)$/.test(name)) return true;
  if (name === 'set_property') return first === 'TEST' || args.includes('TEST_INCLUDE_FILES');
  if (name === 'include') return /^(?:CTest|GoogleTest|Catch|doctest)$/i.test(first);
  if (/^(?:set|unset|option)$/.test(name))
    return conditions.has(first) || lists.has(first) || /CTEST_|TESTING/.test(first);
  if (name === 'list') return lists.has(second);
  if (isTestFolder(call)) return true;
  return /^(?:add_custom_target|add_dependencies)$/.test(name) && PROVES.test(first);
}

const testOf = ({ args }: Call): string => (args[0] === 'NAME' ? args[1] : args[0]) ?? '';

/** Whether a new command says something else of what was there: of a test by the same name, say. */
function changes(call: Call, old: readonly Call[], words: Words): boolean {
  const { name, args } = call;
  if (/^(?:function|macro)$/.test(name)) return old.some((each) => each.name === args[0]?.toLowerCase());
  if (!proves(call, words)) return false;
  const known = new Set(old.filter((each) => TESTS.test(each.name)).map(testOf));
  if (TESTS.test(name)) return known.has(testOf(call));
  if (/^set_(?:tests_properties|property)$/.test(name)) {
    const end = args.findIndex((each) => /^PROPERT/.test(each));
    const tests = args.slice(0, Math.max(0, end)).filter((each) => each !== 'TEST');
    return tests.length === 0 || tests.some((each) => known.has(each) || each.includes('$'));
  }
  if (/^(?:set|unset)$/.test(name)) return true;
  if (name === 'list') return !/^(?:APPEND|PREPEND)$/.test(args[0] ?? '');
  if (name === 'add_custom_target') return old.some((each) => each.name === name && each.args[0] === args[0]);
  return false;
}

/** Whatever follows is not read. */
const isEnd = ({ name, within }: Call): boolean =>
  name === 'return' && !within.some(([block = '']) => /^(?:function|macro)$/.test(block));

/** Sources of a target, or of a list, that look like tests are still there; the others may lie elsewhere by now. */
function keepsSources(call: Call, left: readonly Call[]): boolean {
  const { name, args } = call;
  if (!/^(?:add_executable|add_library|target_sources|set|list|file)$/.test(name)) return true;
  const next = left.filter((each) => each.name === name && each.args[0] === args[0] && isWithin(call, each));
  return args
    .slice(1)
    .filter((each) => LIKE_A_TEST.test(each))
    .every((each) => next.some((other) => other.args.includes(each)));
}
