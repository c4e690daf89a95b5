import { describe, expect, it } from 'vitest';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import {
  fewerTests,
  parametersGone,
  TESTS,
  withoutNames,
  withoutUnread,
} from '../../../../src/factory/gates/proof/fewer-tests.ts';
import { findBetween } from './two-commits.ts';

const result = { name: TESTS, passed: true, output: '', required: true, knownFailure: false };
const counted = (passed: number) => testRun('rspec', noTests(), { passed, failed: 0, skipped: 0 });
const named = (...passed: string[]) => testRun('pytest', { ...noTests(), passed });
const check = { name: TESTS, command: 'run', expectedExitCode: 0, source: 'settings' } as const;
const wordsOf = (description: string) => ({ allowAll: false, owner: [description], agents: [] });

describe('tests of a file that nobody reads', () => {
  const BASE = { 'lib/a.rb': '1', 'spec/a_spec.rb': 'it', 'lib/old.rb': '1', 'spec/old_spec.rb': 'it' };
  const HEAD = { 'lib/a.rb': '1', 'spec/a_spec.rb': 'it' };
  const DELETE = 'Delete lib/old.rb and spec/old_spec.rb.';

  /** What the gate says where 6 ran before, and on the base commit 3 without the file. */
  async function objections(description: string, now: number, { left = 3, head = HEAD, passed = true } = {}) {
    const changes = await findBetween(BASE, head);
    const words = wordsOf(description);
    const about = { known: { result, run: counted(6) }, outcome: { result, run: counted(now) } };
    const asked: string[] = [];
    const without = await withoutUnread(changes, words, about, async (paths) => {
      asked.push(...paths);
      return { passed, run: counted(left), output: '' };
    });
    const missed = [{ ...about, check, known: without.known }];
    return { ...without, asked, objections: fewerTests(words, missed, [], null) };
  }

  it('may go with it where the owner says so, and are not put back', async () => {
    const told = await objections(DELETE, 3);
    expect(told.objections).toEqual([]);
    expect(told.weakening).toMatchObject({ path: 'spec/old_spec.rb', count: 3, allowed: 'owner' });
    expect(told.changes.paths).toEqual([]);
    expect(told.asked).toEqual(['spec/old_spec.rb']);
  });

  it('are missed without such words, and others are missed beside it', async () => {
    for (const [description, now] of [
      ['Make it quicker.', 3],
      ['Delete lib/old.rb.', 3],
      [DELETE, 2],
    ] as const)
      expect((await objections(description, now)).objections, description).toHaveLength(1);
    // Tests of another file went as well, or nobody can say how many went with this one.
    const edited = { ...HEAD, 'spec/a_spec.rb': '' };
    const told = await objections(DELETE, 2, { head: edited });
    expect(told.objections.join()).toContain('1 fewer');
    expect(told.changes.paths).toEqual([{ path: 'spec/a_spec.rb', before: true, after: true }]);
    expect((await objections(DELETE, 3, { passed: false })).objections).toHaveLength(1);
  });
});

describe('a test that the product gives its parameters', () => {
  const T = 'tests/test_a.py::test_reads';
  const before = { result, run: named(`${T}[utf8]`, `${T}[latin2]`, 'tests/test_a.py::test_b') };
  const now = named(`${T}[utf8]`, 'tests/test_a.py::test_b');
  const objections = (description: string, asWere: typeof now | null, run = now) => {
    const gone = parametersGone(before, asWere, [description]);
    const known = withoutNames(before, gone);
    const missed = [{ check, outcome: { result, run }, known }];
    return { gone, objections: fewerTests(wordsOf(description), missed, [], null) };
  };

  it.each([
    'Remove the deprecated codec latin2.',
    'Drop support for latin2',
    'Remove the latin2 codec and its tests',
  ])('loses those of what the owner wants removed, and the judge is told: %s', (description) => {
    const told = objections(description, now);
    expect(told.objections).toEqual([]);
    expect(told.gone).toMatchObject([{ path: 'tests/test_a.py', tests: [`${T}[latin2]`], by: 'judge' }]);
  });

  it.each<[string, string, typeof now | null, typeof now?]>([
    ['nobody wants that', 'Make utf8 quicker, latin2 is slow already', now],
    ['the owner wants it to stay', 'Do not remove latin2', now],
    ['its own text gives it fewer', 'Remove the codec latin2', before.run],
    ['it is not known what the tests as they were do', 'Remove the codec latin2', null],
    ['none of its tests is left', 'Remove the codec latin2', named('tests/test_a.py::test_b')],
    ['another test went, too', 'Remove the codec latin2', now, named(`${T}[utf8]`)],
  ])('is missed where %s', (_why, description, asWere, run) => {
    expect(objections(description, asWere, run).objections).toHaveLength(1);
  });
});
