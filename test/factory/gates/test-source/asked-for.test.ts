import { describe, expect, it } from 'vitest';
import { skipped } from './skipped.ts';

describe('what a new file has beside its tests', () => {
  const goTest = 'func TestA(t *testing.T) {\n\tneeds(t)\n\tif f() != 2 { t.Fatal() }\n}\n';
  const go = `func needs(t *testing.T) {\n\tt.Helper()\n\tt.Skip("no redis")\n}\n`;
  const goSuite = 'func (s *RedisSuite) SetupTest() {\n\tt := s.T()\n\tt.Skip()\n}\n';
  const fixture = '@pytest.fixture\ndef redis():\n    pytest.skip("no redis")\n\n';
  const pyTest = 'def test_a(redis):\n    assert f() == 2\n';
  const marked = 'needs_redis = pytest.mark.skipif(True, reason="none")\n\n';
  const jsTest = "it('a', () => { assert.equal(f(), 1); });\n";
  const hook = 'before(function () { this.skip(); });\n';
  const helper = 'const needs = (t) => { t.skip(); };\n';

  it.each([
    ['redis_test.go', go + goTest],
    ['help_test.go', go],
    ['redis_test.go', `type RedisSuite struct{ suite.Suite }\n${goSuite}`],
    ['test_redis.py', fixture + pyTest],
    ['test_redis.py', marked + pyTest],
    ['tests/conftest.py', fixture],
    ['tests/marks.py', marked],
    ['test/redis.test.js', `describe('redis', () => {\n${hook}${jsTest}});\n`],
    [
      'test/redis.test.js',
      `describe('redis', () => {\n${hook}for (const a of all) it(a, () => check(a));\n});\n`,
    ],
    ['test/redis.test.js', helper + jsTest],
    ['test/needs.js', `export ${helper}`],
    ['test/redis.test.js', `test.beforeEach(() => { test.skip(isSlow, 'slow'); });\n${jsTest}`],
  ])('leaves out none of before: %s %s', (path, text) => {
    expect(skipped(path, null, text)).toBe(0);
  });

  it.each([
    ['redis_test.go', goTest, go + goTest],
    ['help_test.go', 'func needs(t *testing.T) {}\n', go],
    ['help_test.go', 'func needs(t *testing.T) {}\n', go + goTest],
    ['test_redis.py', pyTest, fixture + pyTest],
    ['test_redis.py', pyTest, marked + pyTest],
    ['tests/conftest.py', '', fixture],
    ['test/redis.test.js', jsTest, `describe('redis', () => {\n${hook}${jsTest}});\n`],
    ['test/redis.test.js', jsTest, helper + jsTest],
  ])('leaves out some of before where the file is none that is new: %s', (path, before, after) => {
    expect(skipped(path, before, after)).toBe(1);
  });

  it.each([
    ['redis_test.go', goSuite + goTest],
    ['test/redis.test.js', hook + jsTest],
    ['test/redis.test.js', `function none() { this.skip(); }\nbeforeEach(none);\n${jsTest}`],
    ['test/hooks.js', 'exports.mochaHooks = { beforeEach() { this.skip(); } };\n'],
    ['tests/conftest.py', fixture.replace('fixture', 'fixture(autouse=True)')],
    ['tests/conftest.py', 'def pytest_runtest_setup(item):\n    pytest.skip("none")\n'],
    ['tests/conftest.py', 'pytest.skip("none", allow_module_level=True)\n'],
    ['tests/conftest.py', 'pytestmark = pytest.mark.skip\n'],
  ])('leaves out others where it is a hook of the whole run: %s %s', (path, text) => {
    expect(skipped(path, null, text)).toBeGreaterThan(0);
  });

  it('is a suite of its own in a file of before as well', () => {
    const own = `describe('redis', () => {\n${hook}${jsTest.replace("'a'", "'b'")}});\n`;
    expect(skipped('test/a.test.js', jsTest, jsTest + own)).toBe(0);
  });

  it('is quickly told in hostile text', () => {
    expect(skipped('a.test.js', null, `describe('a', () => {${hook}`.repeat(500))).toBe(0);
    expect(skipped('a.test.js', null, hook.repeat(500))).toBe(500);
  });
});
