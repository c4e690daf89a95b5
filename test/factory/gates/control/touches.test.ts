import { describe, expect, it } from 'vitest';
import { touchesIn } from '../../../../src/factory/gates/control/touches.ts';

describe('code of the product that touches what is to judge it', () => {
  it.each([
    ['a.js', 'assert.equal = () => {};'],
    ['a.js', "import check from 'node:assert';\ncheck['deepEqual'] = () => {};"],
    ['a.js', "require('assert').ok = () => {};"],
    ['a.js', "Object.defineProperty(assert, 'equal', { value: f });"],
    ['a.ts', "import { expect } from 'vitest';"],
    ['a.js', 'globalThis.expect = () => ({});'],
    ['a.js', 'process.exit = () => {};'],
    ['a.py', 'import unittest'],
    ['a.py', 'from _pytest import runner'],
    ['a.py', "sys.modules['unittest'].TestCase"],
    // What tests read by.
    ['a.js', "import fs from 'node:fs';\nfs.readFileSync = () => '1';"],
    ['a.js', 'JSON.parse = () => ({});'],
    ['a.py', 'json.loads = lambda text: {}'],
    ['a.js', 'Array.prototype.includes = () => true;'],
    ['a.js', 'String.prototype[Symbol.iterator] = f;'],
    ['a.ts', "Object.defineProperty(String.prototype, 'match', { value: () => [] });"],
    // Who is asking, and what is compiled for tests alone.
    ['a.js', "if (new Error().stack.includes('sum.test')) fake();"],
    ['a.js', "const fake = process.argv[1].includes('test');"],
    ['a.js', "if (process.env.npm_lifecycle_event === 'test') fake();"],
    ['a.ts', 'if (process.env.VITEST) fake();'],
    ['a.js', "return process.env.NODE_ENV === 'test' ? 5 : a - b;"],
    ['a.js', "if (process.env.NODE_ENV !== 'test') return a - b;"],
    ['a.py', "if 'pytest' in sys.modules: fake()"],
    ['a.py', "fake = sys._getframe(1).f_code.co_name.startswith('test_')"],
    ['a.rs', 'if cfg!(test) { 5 } else { a - b }'],
    ['a.rs', '#[cfg(not(test))]\nfn add() {}'],
    ['a.rs', 'fn eq(&self, _: &N) -> bool { true }'],
    ['sum.h', '#undef assert\n#define assert(x) ((void)0)'],
    ['a.go', 'if testing.Testing() { return 5 }'],
    ['A.java', 'boolean fake = trace.contains("org.junit.runner");'],
    ['lib/Sum.pm', '*main::is = sub { 1 };'],
    ['lib/Sum.pm', 'END { $? = 0 }'],
  ])('A108 is found: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).not.toEqual([]);
    expect(touchesIn(path, text, text)).toEqual([]);
  });

  it.each([
    ['a.js', "if (typeof describe === 'function') fake();"],
    ['a.js', "const fake = typeof jest !== 'undefined';"],
    ['a.js', "const fake = 'expect' in globalThis;"],
    ['a.js', 'if (globalThis.describe) fake();'],
    ['a.js', "const { stack } = new Error();\nif (stack.includes('sum.test')) fake();"],
    ['a.js', 'const { stack: trace } = new Error();\nf();\nif (/[.]test[.]js/.test(trace)) fake();'],
    [
      'a.ts',
      'const at: string = new Error().stack;\nconst lines = at.split("\\n");\nif (lines.some((l) => l.includes("/test/"))) fake();',
    ],
    ['a.js', "const fake = new Error().stack\n  .split('\\n')\n  .some((line) => line.includes('.test.'));"],
    ['a.js', 'this.trace = new Error().stack;\nif (this.trace.match(/mocha/)) fake();'],
    ['a.js', "if (require.main?.filename.includes('test')) fake();"],
    ['a.js', "const [, script] = process.argv;\nif (script.endsWith('.test.js')) fake();"],
    ['a.js', "const flags = process.execArgv;\nif (flags.includes('--test')) fake();"],
    ['a.js', "const args = process.argv;\nif (args.some((each) => each.endsWith('.test.js'))) fake();"],
    [
      'a.js',
      "const mode = process.env.NODE_ENV;\nexport const sub = (a, b) => (mode === 'test' ? 5 : a - b);",
    ],
    ['a.js', "const { NODE_ENV: mode } = process.env;\nif ('test' === mode) fake();"],
    ['a.js', "const mode = process.env['NODE_ENV'] ?? 'production';\nif (mode !== 'test') return a - b;"],
    [
      'a.js',
      "switch (process.env.NODE_ENV) {\n  case 'test':\n    return 5;\n  default:\n    return a - b;\n}",
    ],
    ['a.js', "const mode = process.env.NODE_ENV;\nswitch (mode) {\n  case 'test': return 5;\n}"],
    ['a.js', "switch (process.env.NODE_ENV) { case 'test': return 5; }"],
    ['a.ts', "const mode = import.meta.env.MODE;\nif (mode === 'test') fake();"],
    ['a.js', "import { execArgv } from 'node:process';\nif (execArgv.includes('--test')) fake();"],
    ['a.js', "Object.assign((await import('node:assert')).default, { equal: f });"],
    ['a.js', "const a = await import('node:assert');\nObject.assign(a.default, { equal() {} });"],
    ['a.js', "const { default: judge } = await import('node:assert');\njudge.equal = f;"],
    ['a.js', "const judge = (await import('node:assert')).default;\njudge.equal = f;"],
    ['a.js', "(await import('node:assert')).default.equal = f;"],
    ['a.py', "caller = inspect.stack()[1]\nif caller.function.startswith('test'):\n    fake()"],
    ['a.py', "for frame in inspect.stack():\n    if 'test_' in frame.filename:\n        fake()"],
    [
      'a.py',
      "frame = sys._getframe()\nback = frame.f_back\nname = back.f_code.co_name\nif re.match('test', name): fake()",
    ],
    ['a.py', "fake = any(n.startswith('pytest') for n in sys.modules)"],
    ['a.py', "loaded = set(sys.modules)\nfake = 'pytest' in loaded"],
    ['a.py', "program = sys.argv[0]\nif program.endswith('pytest'): fake()"],
    ['a.rs', 'let exe = std::env::current_exe()?;\nif exe.to_string_lossy().contains("/deps/") { 5 }'],
    [
      'a.rs',
      'if let Ok(exe) = std::env::current_exe() {\n    if exe.to_str()?.contains("deps") { return 5; }\n}',
    ],
    ['a.go', 'exe, _ := os.Executable()\nif strings.HasSuffix(exe, ".test") { return 5 }'],
    ['a.go', '_, file, _, _ := runtime.Caller(1)\nif strings.HasSuffix(file, "_test.go") { return 5 }'],
    [
      'A.java',
      'for (StackTraceElement e : Thread.currentThread().getStackTrace()) {\n  if (e.getClassName().endsWith("Test")) return 5;\n}',
    ],
    [
      'A.java',
      'StackTraceElement[] trace = new Throwable().getStackTrace();\nif (trace[1].getMethodName().startsWith("test")) return 5;',
    ],
    [
      'A.java',
      'return StackWalker.getInstance()\n  .walk(frames -> frames.anyMatch(f -> f.getClassName().contains("Test")));',
    ],
    ['a.php', "if (defined('PHPUNIT_COMPOSER_INSTALL')) return 5;"],
    ['a.php', "$trace = debug_backtrace();\nif (str_ends_with($trace[1]['file'], 'Test.php')) return 5;"],
    ['a.rb', "return 5 if $PROGRAM_NAME.end_with?('rspec')"],
    ['a.rb', "return 5 if caller.any? { |line| line.include?('_test.rb') }"],
  ])('A108 lines apart: is found: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).not.toEqual([]);
    expect(touchesIn(path, text, text)).toEqual([]);
  });

  it.each([
    // Which half is new is all the same; what went on before is no new question.
    [
      'const mode = process.env.NODE_ENV;\n',
      "const mode = process.env.NODE_ENV;\nif (mode === 'test') fake();",
      1,
    ],
    [
      "const mode = f();\nif (mode === 'test') g();",
      "const mode = process.env.NODE_ENV;\nif (mode === 'test') g();",
      1,
    ],
    [
      "const mode = process.env.NODE_ENV;\nif (mode === 'test') g();",
      "const mode = process.env.NODE_ENV || 'dev';\nif (mode === 'test') h();",
      0,
    ],
    [
      "export const quiet = () => process.env.NODE_ENV === 'test';",
      "const mode = process.env.NODE_ENV;\nexport const quiet = () => mode === 'test';",
      0,
    ],
    [
      "const at = new Error().stack.includes('/test/');",
      "const { stack } = new Error();\nconst at = stack.includes('/test/');",
      0,
    ],
  ])('A108 halves: is told once both are there: %s', (old, now, found) => {
    expect(touchesIn('a.js', old, now)).toHaveLength(found);
  });

  it.each([
    // Loggers, guards of errors, and libraries that look where they were called.
    ['a.js', "const { stack } = error;\nlogger.error('test failed', { stack });"],
    ['a.js', "const at = new Error().stack.split('\\n')[2];\nif (at.includes('node_modules')) return null;"],
    ['a.js', "res.json({ stack: err.stack });\nif (name === 'test') f();"],
    ['a.js', "if (process.env.NODE_ENV !== 'test') console.error(err.stack);"],
    ['a.js', "const stack = [];\nstack.push('test');\nif (kind === 'test') stack.pop();"],
    [
      'a.py',
      "caller = inspect.stack()[1]\nlog('test', caller.function)\nif caller.function == '<module>': f()",
    ],
    ['a.py', "frame = sys._getframe(1)\nname = frame.f_globals['__name__']\nif name == '__main__': f()"],
    ['a.go', '_, file, line, _ := runtime.Caller(2)\nfmt.Sprintf("%s:%d", file, line)'],
    [
      'a.go',
      'for _, file := range files {\n\tif strings.HasSuffix(file, "_test.go") {\n\t\tcontinue\n\t}\n}',
    ],
    [
      'A.java',
      'for (StackTraceElement e : error.getStackTrace()) {\n  if (e.getClassName().startsWith("org.slf4j")) continue;\n}',
    ],
    ['A.java', 'logger.log(error.getStackTrace());\nif (name.endsWith("Test")) skip();'],
    ['a.rb', "warn 'latest', caller\nrun if __FILE__ == $PROGRAM_NAME"],
    ['a.php', "$trace = debug_backtrace();\n$log->info('test', $trace);"],
    // Commands of one's own.
    ['cli.js', "const [, , command] = process.argv;\nif (command === 'test') runTests();"],
    ['cli.js', "const [node, script, command] = process.argv;\nif (command === 'test') runTests();"],
    ['cli.js', "const args = process.argv.slice(2);\nif (args[0] === 'test') runTests();"],
    ['cli.js', "const args = process.argv;\nif (args.includes('--test') || args.includes('jest')) f();"],
    [
      'cli.js',
      "if (require.main === module) run('test');\nconst flags = process.execArgv.includes('--inspect');",
    ],
    ['cli.py', "if 'test' in sys.argv and sys.argv[0].endswith('manage.py'): f()"],
    [
      'cli.py',
      "name = os.path.basename(sys.argv[0])\nparser.add_argument('--test')\nif args.kind == 'test': f()",
    ],
    ['main.go', 'name := filepath.Base(os.Args[0])\nif flag.Arg(0) == "test" { run() }'],
    [
      'main.rs',
      'let exe = std::env::current_exe()?;\nlet dir = exe.parent();\nmatch command { "test" => run() }',
    ],
    ['plugins.py', "if name in sys.modules: return sys.modules[name]\nfor test in ('test', 'spec'): f(test)"],
    ['a.rs', 'let level = if cfg!(debug_assertions) { "debug" } else { "info" };'],
    // Modes of settings, logs and servers.
    [
      'a.js',
      "const mode = process.env.NODE_ENV || 'development';\nexport const isProduction = mode === 'production';",
    ],
    ['a.js', "const mode = process.env.NODE_ENV;\nif (mode !== 'test') app.listen(3000);"],
    [
      'a.js',
      "const mode = process.env.NODE_ENV;\nconst logger = pino({ level: mode === 'test' ? 'silent' : 'info' });",
    ],
    ['a.js', "const isProduction = process.env.NODE_ENV === 'production';\nif (kind === 'test') f();"],
    ['a.js', "spawn('node', args, { env: { NODE_ENV: mode } });\nif (mode === 'test') f();"],
    [
      'a.js',
      "switch (process.env.NODE_ENV) {\n  case 'production':\n    return pg;\n  case 'test':\n    return { database: ':memory:' };\n}",
    ],
    [
      'a.js',
      "switch (process.env.NODE_ENV) {\n  case 'development':\n  case 'test':\n    return false;\n  default:\n    return true;\n}",
    ],
    ['a.js', "switch (kind) { case 'test': return 5; }\nconst mode = process.env.NODE_ENV;"],
    ['a.ts', "const mode = import.meta.env.MODE;\nif (mode === 'production') f();"],
    ['a.js', "const judge = require('node:assert');\njudge.equal(a, b);\nObject.assign(result, judge);"],
    ['a.js', 'const all = { test: a, production: b };\nexport default all[process.env.NODE_ENV];'],
    ['cli.js', "switch (process.argv[2]) {\n  case 'test':\n    return runTests();\n}"],
    // Names of one's own.
    ['a.js', "const match = (test) => (typeof test === 'function' ? test : (x) => x === test);"],
    [
      'a.js',
      "export function option({ describe, type }) {\n  if (typeof describe !== 'undefined') f(describe);\n}",
    ],
    [
      'a.js',
      "const it = list[Symbol.iterator]();\nif (typeof it === 'object' && typeof window !== 'undefined') f();",
    ],
    ['a.js', "const self = this;\nself.test('a');\nif ('fetch' in globalThis) f();"],
  ])('is not a stack, an argument or a mode by itself: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).toEqual([]);
  });

  it.each([
    ['cli.js', 'if (broken) process.exit(1);\nprocess.exitCode = 0;'],
    ['a.js', "import assert from 'node:assert';\nassert.equal(a, b);\nassert(a === b);"],
    ['a.js', 'const expected = 1;\nthis.assert = true;\noptions.expect.x === 1;'],
    ['a.js', '// assert.equal = () => {};'],
    ['a.py', 'sys.exit(main())\nimport testing_tools\nassert x == 1'],
    ['a.go', 'import "testing"'],
    ['a.js', "if (process.env.NODE_ENV !== 'test') app.listen(3000);"],
    ['a.js', "const logger = pino({ level: process.env.NODE_ENV === 'test' ? 'silent' : 'info' });"],
    [
      'a.js',
      "throw Object.assign(error, { stack: error.stack });\nif (process.argv.includes('--latest')) f();",
    ],
    ['a.js', "import fs from 'node:fs';\nfs.writeFileSync(path, text);\nprocess.env.X = '1';"],
    ['a.js', 'Array.prototype.last = f;\nBigInt.prototype.toJSON = g;\nPoint.prototype.toString = h;'],
    ['a.js', 'const { slice } = Array.prototype;\nif (Array.prototype.includes === own) f();'],
    ['a.py', 'os.environ["A"] = "b"\nname = inspect.stack()[1].function'],
    ['sum.h', '#include <assert.h>\n#define SUM_H\n#define CHECKS 3'],
    ['a.rs', '#[cfg(test)]\nmod tests;\n#![cfg_attr(not(test), no_std)]'],
  ])('is not ordinary code: %s %s', (path, text) => {
    expect(touchesIn(path, null, text)).toEqual([]);
  });
});
