import { describe, expect, it } from 'vitest';
import type { TestRun } from '../../../src/factory/gates/outputs/read.ts';
import { type BaseRun, judgeSealed } from '../../../src/factory/sealing/judge.ts';

const tests = (...titles: string[]) => ({
  path: `test/${titles[0]}.test.js`,
  executable: false,
  content: Buffer.from(
    titles.map((title) => `test('${title}', () => assert.equal(add(1, 2), 3));`).join('\n'),
  ),
});

function run(exitCode: number | null, passed: string[] | null, failed: string[] = []): BaseRun {
  const named: TestRun | null =
    passed === null
      ? null
      : {
          runner: 'node',
          passed,
          failed,
          skipped: [],
          named: true,
          toldFailed: 0,
          totals: {
            passed: passed.length,
            failed: failed.length,
            skipped: 0,
            total: passed.length + failed.length,
          },
        };
  return { result: { ended: exitCode === null ? 'timeout' : 'exit', exitCode, output: 'OUT' }, run: named };
}

const green = run(0, ['old']);

describe('sealed checks on the base commit', () => {
  it('that fail there are good, file by file', () => {
    const files = [tests('adds'), tests('stays')];
    const verdict = judgeSealed(files, run(1, ['old', 'stays'], ['adds']), green);
    expect(verdict).toMatchObject({
      kind: 'red',
      checks: [
        { path: 'test/adds.test.js', outcome: 'seen red' },
        { path: 'test/stays.test.js', outcome: 'never red' },
      ],
    });
    expect(verdict.text).toMatch(/1 of 3 tests failed/);
  });

  it('that fail where other tests fail anyway are told apart from those', () => {
    const broken = run(1, [], ['old']);
    expect(judgeSealed([tests('adds')], run(1, [], ['old', 'adds']), broken).kind).toBe('red');
    const verdict = judgeSealed([tests('stays')], run(1, ['stays'], ['old']), broken);
    expect(verdict).toMatchObject({ kind: 'green', checks: [{ outcome: 'never red' }] });
  });

  it('that pass there prove nothing', () => {
    const verdict = judgeSealed([tests('adds')], run(0, ['old', 'adds']), green);
    expect(verdict).toMatchObject({ kind: 'green', checks: [{ outcome: 'never red' }] });
    expect(verdict.text).toMatch(/prove nothing/);
  });

  it.each([
    ['no files', [], green, /no sealed checks yet/],
    ['a command that is not there', [tests('adds')], run(127, null), /exit code 127: not found/],
    ['a command that may not be run', [tests('adds')], run(126, null), /126: not executable/],
    ['a command that does not end', [tests('adds')], run(null, null), /ended by the factory/],
    ['a runner that does not find them', [tests('adds')], run(0, ['old']), /does not find them/],
  ] as const)('are unusable: %s', (_, files, withThem, why) => {
    const verdict = judgeSealed(files, withThem, green);
    expect(verdict).toMatchObject({ kind: 'unusable', checks: [] });
    expect(verdict.text).toMatch(why);
  });

  it('of a runner of no known form are judged by how it ends with them and without', () => {
    const script = { path: 'acceptance/run.sh', executable: true, content: Buffer.from('exit 1') };
    const [good, bad] = [run(0, null), run(1, null)];
    expect(judgeSealed([script], bad, good).checks).toEqual([{ path: script.path, outcome: 'seen red' }]);
    expect(judgeSealed([script], bad, bad).checks).toEqual([{ path: script.path, outcome: 'unknown' }]);
    expect(judgeSealed([script], good, good)).toMatchObject({
      kind: 'green',
      checks: [{ outcome: 'never red' }],
    });
  });
});
