import { describe, expect, it } from 'vitest';
import { readTests } from '../../../../src/factory/gates/outputs/read.ts';
import { recorded } from './recorded.ts';

describe('readTests', () => {
  it.each(['node-tap', 'node-spec'])('reads %s with suites and files that cannot be loaded', (name) => {
    expect(recorded(name)).toMatchObject({
      passed: ['adds', 'suite > inner ok'],
      failed: ['suite > inner bad', name === 'node-tap' ? 'test/b.test.js' : 'test/b.test.js'],
      skipped: ['later', 'todo one'],
      totals: { total: 6 },
      named: true,
    });
  });

  it('reads names, outcomes and sums of mocha', () => {
    expect(recorded('mocha')).toMatchObject({
      passed: ['adds', 'b works', 'suite > inner ok'],
      failed: ['suite > inner bad'],
      skipped: ['suite > later'],
      totals: { passed: 3, failed: 1, skipped: 1, total: 5 },
      named: true,
    });
  });

  it.each(['vitest2', 'vitest4'])('reads the failures and sums of %s', (name) => {
    expect(recorded(name)).toMatchObject({
      failed: ['test/c.test.mjs', 'test/a.test.mjs > suite > inner bad'],
      totals: { passed: 3, failed: 2, skipped: 1 },
      named: false,
    });
  });

  it('reads every name of the verbose vitest', () => {
    expect(recorded('vitest2v')).toMatchObject({
      passed: ['test/a.test.mjs > suite > inner ok', 'test/a.test.mjs > adds', 'test/b.test.mjs > b works'],
      named: true,
    });
  });

  it('reads jest with several files, and with one', () => {
    expect(recorded('jest')).toMatchObject({
      failed: ['suite > inner bad', 'test/c.test.js'],
      totals: { passed: 3, failed: 2, skipped: 1 },
      named: false,
    });
    expect(recorded('jest-one')).toMatchObject({
      passed: ['adds', 'suite > inner ok'],
      failed: ['suite > inner bad'],
      skipped: ['suite > later'],
      totals: { passed: 2, failed: 1, skipped: 1, total: 4 },
      named: true,
    });
  });

  it('reads pytest in every detail', () => {
    expect(recorded('pytest-q')).toMatchObject({
      failed: ['test_a.py::test_bad'],
      totals: { passed: 3, failed: 1, skipped: 2 },
      named: false,
    });
    expect(recorded('pytest-named')).toMatchObject({
      passed: ['test_a.py::test_ok', 'test_a.py::test_p[1]', 'test_a.py::test_p[2]'],
      failed: ['test_a.py::test_bad'],
      named: true,
    });
    expect(recorded('pytest')).toMatchObject({ failed: ['test_b.py'], totals: { total: 1 } });
  });

  it('takes a pytest test with a failed subtest for failed, once', () => {
    const text = [
      '=========================== short test summary info ============================',
      'SUBFAILED(i=1) test_a.py::TestA::test_x - AssertionError: 1 != 0',
      'SUBFAILED(i=2) test_a.py::TestA::test_x - AssertionError: 2 != 0',
      'SUBFAILED[a message] (i=1) test_a.py::test_sub - assert 1 == 0',
      'FAILED test_a.py::test_sub - contains 1 failed subtest',
      'PASSED test_a.py::TestA::test_x',
      'PASSED test_a.py::TestA::test_y',
      '================ 4 failed, 2 passed, 2 subtests passed in 3.40s ================',
    ].join('\n');
    expect(readTests(text)).toMatchObject({
      failed: ['test_a.py::test_sub', 'test_a.py::TestA::test_x'],
      passed: ['test_a.py::TestA::test_y'],
      totals: { failed: 2, passed: 1, total: 3 },
      named: true,
    });
  });

  it('names examples of Rust by what they document, wherever it stands', () => {
    const of = (...lines: number[]) =>
      readTests(
        lines.map((line) => `test src/lib.rs - Parser::next (line ${line}) ... ok`).join('\n') +
          '\ntest src/lib.rs - (line 3) - compile ... ok\n\ntest result: ok. 3 passed; 0 failed\n',
      )?.passed;
    expect(of(20, 9)).toEqual([
      'src/lib.rs - Parser::next (2)',
      'src/lib.rs - Parser::next',
      'src/lib.rs - - compile',
    ]);
    expect(of(20, 9)).toEqual(of(31, 10));
  });

  it('reads cargo and go', () => {
    expect(recorded('cargo')).toMatchObject({
      passed: ['tests::works'],
      failed: ['tests::bad'],
      skipped: ['tests::later'],
      named: true,
    });
    expect(recorded('go-v')).toMatchObject({
      passed: ['TestAdd', 'TestTable/zero'],
      failed: ['TestTable/negative_one'],
      skipped: ['TestLater'],
      named: true,
    });
    expect(recorded('go')).toMatchObject({
      failed: ['TestTable/negative_one', 'example.test/sum/broken'],
      named: false,
    });
  });

  it('leaves out of names how long a test took, and how often it was tried', () => {
    const vitest = (end: string) => ` ✓ test/a.test.ts > net > fetches${end}\n\n Test Files  1 passed (1)\n`;
    for (const end of ['', ' 512ms', ' 512ms (retry x1)', ' (retry x2) (repeat x1) 7ms'])
      expect(readTests(vitest(end))?.passed).toEqual(['test/a.test.ts > net > fetches']);
    expect(readTests('1..2\nok 1 adds in 12ms\nok 2 waits in 1034ms # skip later\n')).toMatchObject({
      passed: ['adds'],
      skipped: ['waits'],
    });
  });

  it('takes what it does not know for nothing', () => {
    expect(readTests('all good\n')).toBeNull();
    expect(readTests('')).toBeNull();
  });
});
