import { describe, expect, it } from 'vitest';
import { readTests } from '../../../../src/factory/gates/outputs/read.ts';
import { compareRuns } from '../../../../src/factory/gates/run/compare.ts';

const cargo = (lines: readonly string[], passed: number) =>
  `running ${passed} tests\n${lines.join('\n')}\n\ntest result: ok. ${passed} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n`;
const go = (...lines: string[]) => `${lines.join('\n')}\nPASS\nok  \texample.test/a\t0.1s\n`;
const gtest = (...lines: string[]) =>
  `${lines.join('\n')}\n[==========] ${lines.length} tests from 1 test suite ran. (0 ms total)\n[  PASSED  ] ${lines.length} tests.\n`;
const node = (lines: readonly string[], passed: number, suites = 0) =>
  `${lines.join('\n')}\nℹ tests ${passed}\nℹ suites ${suites}\nℹ pass ${passed}\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\n`;
const ctest = (lines: readonly string[], total: number, failed = 0) =>
  `${lines.join('\n')}\n\n${failed === 0 ? 100 : 66}% tests passed, ${failed} tests failed out of ${total}\n\nTotal Test time (real) =   0.01 sec\n`;

/** Before; the same tests where one prints without a line end; one fewer beside what is printed. */
const RUNS: Record<string, [string, string, string]> = {
  cargo: [
    cargo(['test a ... ok', 'test b ... ok'], 2),
    cargo(['test a ... ok', 'test b ... Packed 2 files', 'ok'], 2),
    cargo(['test b ... Packed 2 files', 'ok'], 1),
  ],
  go: [
    go('=== RUN   TestA', '--- PASS: TestA (0.0s)', '=== RUN   TestB', '--- PASS: TestB (0.0s)'),
    go('=== RUN   TestA', '--- PASS: TestA (0.0s)', '=== RUN   TestB', 'Go? [y/N] --- PASS: TestB (0.0s)'),
    go('=== RUN   TestB', 'Go? [y/N] --- PASS: TestA (0.0s)', '--- PASS: TestB (0.0s)'),
  ],
  gtest: [
    gtest('[       OK ] Sum.A (0 ms)', '[       OK ] Sum.B (0 ms)'),
    gtest('[       OK ] Sum.A (0 ms)', 'done 50%[       OK ] Sum.B (0 ms)'),
    gtest('done 50%[       OK ] Sum.B (0 ms)'),
  ],
  node: [
    node(['✔ a (1ms)', '✔ b (1ms)'], 2),
    node(['✔ a (1ms)', 'Go? ✔ b (1ms)'], 2),
    node(['Go? ✔ b (1ms)'], 1),
  ],
  ctest: [
    ctest(['1/2 Test #1: a ....   Passed    0.0 sec', '2/2 Test #2: b ....   Passed    0.0 sec'], 2),
    ctest(['1/2 Test #1: a ....   Passed    0.0 sec', 'x2/2 Test #2: b ....   Passed    0.0 sec'], 2),
    ctest(['x1/1 Test #1: b ....   Passed    0.0 sec'], 1),
  ],
};

describe('what code under test prints beside the name of a test', () => {
  it.each(Object.entries(RUNS))('takes no test of %s away, and hides none that went', (_name, texts) => {
    const [before = null, now = null, less = null] = texts.map((text) => readTests(text));
    expect(now?.totals).toMatchObject({ passed: 2, failed: 0, total: 2 });
    expect(compareRuns(before, now)).toMatchObject({ gone: [], fewer: 0 });
    expect(compareRuns(before, less)).toMatchObject({ fewer: 1 });
  });
});

describe('names of tests', () => {
  it('of node are complete where tests lie in tests and suites, and where several packages print', () => {
    const lines = [
      '▶ suite',
      '  ▶ outer',
      '    ✔ inner (1ms)',
      '  ✔ outer (1ms)',
      '✔ suite (1ms)',
      '✔ b (1ms)',
    ];
    const one = readTests(node(lines, 3, 1));
    expect(one).toMatchObject({ passed: ['suite > outer > inner', 'b'], named: true, totals: { total: 2 } });
    const two = readTests(node(['✔ a (1ms)'], 1) + node(['✔ b (1ms)'], 1));
    expect(two).toMatchObject({ passed: ['a', 'b'], named: true, totals: { total: 2 } });
  });

  it('of CTest hold spaces, and say who failed', () => {
    const lines = [
      '1/3 Test #1: sum adds ..........   Passed    0.00 sec',
      '2/3 Test #2: parse ... dots ....***Failed    0.00 sec',
      '3/3 Test #3: later .............***Skipped   0.00 sec',
    ];
    expect(readTests(ctest(lines, 3, 1))).toMatchObject({
      passed: ['sum adds'],
      failed: ['parse ... dots'],
      skipped: ['later'],
      named: true,
    });
  });

  it('of Go are those of the innermost tests', () => {
    const names = ['TestA', 'TestA/b', 'TestA/b/c', 'TestA/bc', 'TestAb'];
    const run = readTests(go(...names.flatMap((name) => [`=== RUN   ${name}`, `--- PASS: ${name} (0.0s)`])));
    expect(run?.passed).toEqual(['TestA/b/c', 'TestA/bc', 'TestAb']);
  });

  it('of tools that tests of Rust start count beside its own', () => {
    const run = readTests(cargo(['test ui ... ok', 'test tests/ui/a.rs ... ok'], 1));
    expect(run).toMatchObject({ named: true, totals: { total: 2 } });
  });
});
