/** Calls that must fail, by the names of assertions. Each stands for one that a test file uses. */

const DIFFERENT = '("a", "b")';
const SAME = '("a", "a")';
const byName = (names: string, text: string): [string, string][] =>
  names.split(' ').map((name) => [name, text]);

/** Arguments with which a method of an assertion library throws; of node:assert, chai, uvu, AVA, tap and tape. */
export const METHODS: ReadonlyMap<string, string> = new Map([
  ...byName(
    'equal strictEqual is same deepEqual deepStrictEqual deepLooseEqual looseEqual strictSame equals eql',
    DIFFERENT,
  ),
  ...byName('notEqual notStrictEqual not isNot notDeepEqual notDeepStrictEqual notSame isNotEqual', SAME),
  ...byName('ok true truthy isTrue isOk assert isString isFunction', '(false)'),
  ...byName('notOk false falsy isFalse isNotOk ifError', '(true)'),
  ...byName('throws', '(() => {})'),
  ...byName('doesNotThrow notThrows', '(() => { throw new Error("a"); })'),
  ...byName('match regex', '("a", /b/)'),
  ...byName('doesNotMatch notRegex', '("a", /a/)'),
  ...byName('include includes', '(["a"], "b")'),
  ...byName('fail', '("a")'),
  ...byName('rejects', '(Promise.resolve("a"))'),
  ...byName('doesNotReject', '(Promise.reject(new Error("a")))'),
  ...byName('isNull isUndefined isNaN isObject isArray isEmpty notExists isNotNumber', '(1)'),
  ...byName('isNotNull exists', '(null)'),
  ...byName('isDefined', '(undefined)'),
  ...byName('isNumber isBoolean', '("a")'),
  ...byName('instanceOf isInstanceOf', '("a", Array)'),
  ...byName('lengthOf', '("a", 2)'),
  ...byName('isNotEmpty', '("")'),
  ...byName('property', '({}, "a")'),
  ...byName('closeTo approximately', '(1, 5, 1)'),
  ...byName('isAbove isAtLeast', '(1, 2)'),
  ...byName('isBelow isAtMost', '(2, 1)'),
  ...byName('sameMembers sameDeepMembers', '(["a"], ["b"])'),
]);

/** `expect(` and what stands behind it, of Jest, Vitest, Bun, Jasmine and chai. */
export const MATCHERS: ReadonlyMap<string, string> = new Map([
  ...byName('toBe toEqual toStrictEqual', 'expect("a").$("b")'),
  ...byName('toMatchObject', 'expect({ a: 1 }).$({ a: 2 })'),
  ...byName('toBeTruthy toBeTrue', 'expect(false).$()'),
  ...byName('toBeFalsy toBeFalse toBeNull toBeUndefined', 'expect(true).$()'),
  ...byName('toBeDefined', 'expect(undefined).$()'),
  ...byName('toContain toContainEqual', 'expect(["a"]).$("b")'),
  ...byName('toMatch', 'expect("a").$(/b/)'),
  ...byName('toThrow toThrowError', 'expect(() => {}).$()'),
  ...byName('toHaveLength', 'expect(["a"]).$(2)'),
  ...byName('toHaveProperty', 'expect({}).$("a")'),
  ...byName('toBeGreaterThan toBeGreaterThanOrEqual toBeCloseTo', 'expect(1).$(2)'),
  ...byName('toBeLessThan toBeLessThanOrEqual', 'expect(2).$(1)'),
  ...byName('toBeInstanceOf', 'expect("a").$(Array)'),
  ...byName('toBeNaN', 'expect(1).$()'),
  ...byName('to.equal to.eql to.deep.equal to.eq', 'expect("a").$("b")'),
  ...byName('to.be.equal', 'expect("a").$("b")'),
  ...byName('to.be.true to.be.ok to.exist to.be.null to.be.undefined', 'expect(false).$'),
  ...byName('to.be.false', 'expect(true).$'),
  ...byName('to.throw', 'expect(() => {}).$()'),
  ...byName('to.include to.contain', 'expect(["a"]).$("b")'),
  ...byName('to.match', 'expect("a").$(/b/)'),
  ...byName('to.have.length to.have.lengthOf', 'expect(["a"]).$(2)'),
]);

/** Methods of `unittest.TestCase`. */
export const PYTHON_METHODS: ReadonlyMap<string, string> = new Map([
  ...byName(
    'assertEqual assertEquals assertAlmostEqual assertMultiLineEqual assertIs assertRegex',
    '("a", "b")',
  ),
  ...byName('assertCountEqual assertListEqual assertSequenceEqual', '(["a"], ["b"])'),
  ...byName('assertTupleEqual', '(("a",), ("b",))'),
  ...byName('assertDictEqual', '({"a": 1}, {"a": 2})'),
  ...byName('assertSetEqual', '({"a"}, {"b"})'),
  ...byName('assertNotEqual assertIsNot', '("a", "a")'),
  ...byName('assertTrue', '(False)'),
  ...byName('assertFalse assertIsNone', '(True)'),
  ...byName('assertIsNotNone', '(None)'),
  ...byName('assertIn', '("a", ["b"])'),
  ...byName('assertNotIn', '("a", ["a"])'),
  ...byName('assertIsInstance', '("a", int)'),
  ...byName('assertRaises', '(ValueError, lambda: None)'),
  ...byName('assertRaisesRegex', '(ValueError, "a", lambda: None)'),
  ...byName('assertWarns', '(UserWarning, lambda: None)'),
  ...byName('assertNotIsInstance', '("a", str)'),
  ...byName('assertNotAlmostEqual', '(1, 1)'),
  ...byName('assertNotRegex', '("a", "a")'),
  ...byName('assertGreater assertGreaterEqual', '(1, 2)'),
  ...byName('assertLess assertLessEqual', '(2, 1)'),
  ...byName('fail', '("a")'),
]);

/** Each call, and behind them those that compare words once more with numbers: one may be replaced for these alone. */
export function variants(calls: readonly string[]): string[] {
  const numbers = calls.flatMap((call) => {
    const other = call.replace(
      /("a")(.*)("[ab]")/,
      (_all, _one, between: string, two: string) => `1${between}${two === '"a"' ? 1 : 2}`,
    );
    return other === call ? [] : [other];
  });
  return [...calls, ...numbers];
}
