import { describe, expect, it } from 'vitest';
import { readTests, type TestRun } from '../../../../src/factory/gates/outputs/read.ts';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import type { OldTests } from '../../../../src/factory/gates/proof/old-test-facts.ts';
import { judgeOldTests } from '../../../../src/factory/gates/proof/old-tests.ts';
import { redOldTests } from '../../../../src/factory/gates/proof/red-old-tests.ts';
import { changedLines } from '../../../../src/factory/gates/proof/side-by-side.ts';

const run = (passed: string[], failed: string[] = [], skipped: string[] = []) =>
  testRun('tap', { ...noTests(), passed, failed, skipped });
const outcome = (each: ReturnType<typeof run> | null, passed?: boolean) => ({
  passed: passed ?? each?.failed.length === 0,
  run: each,
  output: 'AssertionError: 5 is not -1',
});
const check = (each: ReturnType<typeof run> | null, passed?: boolean) => ({
  run: each,
  result: {
    name: 'Tests',
    passed: passed ?? each?.failed.length === 0,
    output: '',
    required: true,
    knownFailure: false,
  },
});
const PATH = 'test/a.test.js';
const file = (titles: string[]) => ({ titles, skips: 0, hollow: [] });
const changes = (before: string[], after: string[], edited = before): OldTests['changes'] => ({
  files: [{ path: PATH, before: file(before), after: file(after), edited }],
  support: [PATH],
  paths: [{ path: PATH, before: true, after: true }],
  inline: {},
  lost: [],
  unread: 0,
  baseHasTests: true,
  code: true,
});
const words = { allowAll: false, owner: [] as string[], agents: [] as string[] };
function judge(about: Pick<OldTests, 'old' | 'now' | 'known'> & Partial<OldTests>) {
  const more = { seenRed: undefined, changes: changes(['x'], ['x']), words };
  return judgeOldTests({ red: redOldTests({ ...more, ...about }), ...more, ...about });
}

describe('old tests on the new code', () => {
  it('that pass as on the base commit leave nothing to say', () => {
    expect(
      judge({ old: outcome(run(['x'])), now: check(run(['x', 'y'])), known: check(run(['x'])) }),
    ).toEqual({
      objections: [],
      anew: [],
      lines: '',
    });
  });

  it('must be seen to pass where they failed before: not run, skipped or unnamed is red', () => {
    const known = check(run(['y'], ['x']));
    for (const old of [run(['y'], ['x']), run(['y']), run(['y'], [], ['x']), run(['y'], [PATH])])
      expect(
        judge({ old: outcome(old, true), now: check(run(['x', 'y'])), known }).objections.join(),
      ).toMatch(/"x" failed on the base commit .*Fix the code/);
    expect(judge({ old: outcome(run(['x', 'y'])), now: check(run(['x', 'y'])), known }).objections).toEqual(
      [],
    );
  });

  it('that name nothing where the base commit named them prove nothing', () => {
    const told = judge({ old: outcome(null, true), now: check(run(['x'])), known: check(run(['x'])) });
    expect(told.objections.join()).toContain('passed on the base commit');
    expect(
      judge({ old: outcome(null, true), now: check(null, true), known: check(null, true) }).objections,
    ).toEqual([]);
  });

  describe('whose names differ by what the code prints', () => {
    const mocha = (log: string, passing: string, tests = ['creates', 'lists']) =>
      readTests(
        `\n\n  orders\n${log}${tests.map((name) => `    ✔ ${name}\n`).join('')}\n\n  ${passing} (41ms)\n`,
      );
    const node = (printed: string, tests: string[], pass = tests.length) =>
      readTests(
        `${printed}${tests.map((name) => `✔ ${name} (3.1ms)\n`).join('')}ℹ tests ${pass}\nℹ pass ${pass}\nℹ fail 0\nℹ cancelled 0\n`,
      );
    const redOf = (known: TestRun | null, old: TestRun | null) =>
      judge({ old: outcome(old, true), now: check(run(['x'])), known: check(known, true) }).objections;

    it('pass where the runner counts as many and none failed', () => {
      const log = (ms: number) => `  handled {\n  durationMs: ${ms}\n}\n`;
      expect(redOf(mocha('', '2 passing'), mocha(log(3.01), '2 passing'))).toEqual([]);
      expect(redOf(mocha(log(3.01), '2 passing'), mocha(log(3.02), '2 passing'))).toEqual([]);
      const packed = (ms: number) => `✔ Packed 12 files in ${ms}ms\n`;
      expect(redOf(node(packed(31), ['writes']), node(packed(33), ['writes']))).toEqual([]);
      expect(redOf(node(packed(31), ['writes']), node('', ['writes']))).toEqual([]);
    });

    it('are missing where the runner counts fewer, or where another stands in the place of one', () => {
      const all = mocha('', '2 passing');
      expect(redOf(all, mocha('  log\n', '1 passing', ['creates'])).join()).toContain('lists');
      expect(redOf(all, mocha('', '2 passing', ['creates', 'adds'])).join()).toContain('lists');
      expect(redOf(node('', ['a', 'b']), node('✔ b of all\n', ['a'])).join()).toContain('"b"');
      expect(redOf(node('', ['a[1]', 'b']), node('', ['a[2]', 'b'])).join()).toContain('a[1]');
    });
  });

  it('show the lines that tell where a run has no names', () => {
    const told = judge({ old: outcome(null, false), now: check(null, true), known: check(null, true) });
    expect(told.lines).toBe('AssertionError: 5 is not -1');
    expect(told.objections.join()).toContain(`(${PATH})`);
  });

  it('known failures that the owner accepts stay accepted', () => {
    const red = check(run(['y'], ['x']), true);
    const now = { ...red, result: { ...red.result, accepted: true } };
    expect(
      judge({ old: outcome(run(['y'], ['x'])), now, known: check(run(['y'], ['x'])) }).objections,
    ).toEqual([]);
  });

  describe('that all pass and cover less than the repository asks for', () => {
    const lacks = 'ERROR: Coverage for lines (98.51%) does not meet global threshold (100%)';
    const old = { ...outcome(run(['x']), false), output: lacks };
    const about = { old, now: check(run(['x', 'fresh'])), known: check(run(['x'])) };
    const among = (path: string, before: boolean) => ({
      ...changes(['x'], ['x', 'fresh'], []),
      paths: [{ path, before, after: true }],
    });

    it('have failed in nothing: new code is for the new tests', () => {
      for (const [path, before] of [
        [PATH, true],
        ['test/fresh.txt', false],
        ['tap-snapshots/test/a.test.js.test.cjs', true],
      ] as const)
        expect(judge({ ...about, changes: among(path, before) }).objections, path).toEqual([]);
    });

    it('are refused where one failed, did not run, was red before, or where what failed may have no name', () => {
      const refused = (more: Partial<OldTests>) => judge({ ...about, ...more }).objections.length;
      expect(refused({ old: { ...old, run: run([], ['x']) } })).toBe(1);
      expect(refused({ old: { ...old, run: run([]) } })).toBe(1);
      expect(refused({ old: { ...old, output: 'AssertionError' } })).toBe(1);
      expect(refused({ known: check(run([], ['x'])), old: { ...old, run: run([]) } })).toBe(1);
      expect(refused({ known: check(run(['x']), false) })).toBe(1);
      // A plain script behind the runner, or what stands behind it.
      for (const path of ['test/run.js', 'test/helper.js', 'test/cases.json'])
        expect(refused({ changes: among(path, true) }), path).toBe(1);
    });
  });

  describe('of which one that passed is red now', () => {
    const about = {
      old: outcome(run([], ['x'])),
      now: check(run(['x', 'fresh'])),
      known: check(run(['x'])),
      changes: changes(['x'], ['x', 'fresh']),
    };
    const seen = (failed: string[]): OldTests['seenRed'] => ({
      key: 'k',
      run: { passed: failed.length === 0, failed },
      files: [
        {
          path: PATH,
          outcome: failed.length === 0 ? 'never red' : 'seen red',
          tests: [{ name: 'fresh', red: failed.includes('fresh') }],
        },
      ],
    });
    const task = { ...words, agents: [`Adapt ${PATH}`] };

    it('is put to the judge where it and a new test were seen red, and asked about otherwise', () => {
      expect(judge({ ...about, seenRed: seen(['x', 'fresh']) }).anew).toMatchObject([
        { by: 'judge', tests: ['x'] },
      ]);
      for (const failed of [['fresh'], ['x'], []])
        expect(judge({ ...about, seenRed: seen(failed) }).objections.join(), failed.join()).toMatch(
          /"x" passed on the base commit/,
        );
      const kept = { ...words, owner: ['Do not touch the tests.'] };
      expect(judge({ ...about, seenRed: seen(['x', 'fresh']), words: kept }).objections).toHaveLength(1);
      const gone = { ...about, now: check(run(['fresh'])), changes: changes(['x'], ['fresh']) };
      expect(judge({ ...gone, seenRed: seen(['x', 'fresh']) }).objections).toHaveLength(1);
    });

    describe('by names that many assertions have', () => {
      const name = (title: string) => `${title} > should be equal`;
      const edited = (values: { before: string[]; after: string[] }): OldTests['changes'] => {
        const { files, ...more } = changes(['x', 'y'], ['x', 'y'], ['x']);
        return {
          ...more,
          files: files.map((each) => ({ ...each, about: { x: ['nothing'] }, values: { x: values } })),
        };
      };
      const from = edited({ before: ['null'], after: ['undefined'] });
      const told = (failed: string[], owner: string[], now = from) =>
        judge({
          old: outcome(run([name('y')], [name('x')])),
          now: check(run([name('x'), name('y')])),
          known: check(run([name('x'), name('y')])),
          seenRed: { key: 'k', run: { passed: false, failed }, files: [] },
          changes: now,
          words: { ...words, owner },
        });
      const said = ['Return `undefined` instead of `null`.'];

      it('is wanted where the owner names the value of before and the one of now', () => {
        expect(told([name('x')], said).anew).toMatchObject([{ by: 'judge', tests: [name('x')] }]);
        expect(told([name('x')], ['Return undefined.']).objections).toHaveLength(1);
        expect(told([name('x')], ['Fix it.']).objections).toHaveLength(1);
        const others = edited({ before: ['5'], after: ['-1'] });
        expect(told([name('x')], said, others).objections).toHaveLength(1);
        expect(told([name('x')], ['It was 1.5, 50 or a5.', 'Not x-1.'], others).objections).toHaveLength(1);
      });

      it('has not been seen red because another one was', () =>
        expect(told([name('y')], said).objections).toHaveLength(1));
    });

    it('with a computed title is allowed by a task where a new one of its file was red', () => {
      const name = (title: string) => `${PATH} > looks up ${title}`;
      const told = (failed: string[], agents = task.agents, title = '') =>
        judge({
          old: outcome(run([name('/b is 1')], [name('/a is 1')])),
          now: check(run([name('/a is 2'), name('/b is 1')])),
          known: check(run([name('/a is 1'), name('/b is 1')])),
          seenRed: { key: 'k', run: { passed: false, failed }, files: [] },
          changes: changes([title], [title], []),
          words: { ...words, agents },
        });
      expect(told([name('/a is 2')]).anew).toMatchObject([{ by: 'task', tests: [name('/a is 1')] }]);
      const template = `looks up \${path} is \${value}`;
      expect(told([name('/a is 2')], task.agents, template).anew).toMatchObject([{ by: 'task' }]);
      expect(told([name('/b is 1')], task.agents, template).objections).toHaveLength(1);
      expect(told([name('/a is 2')], []).objections).toHaveLength(1);
      for (const failed of [[name('/b is 1')], ['test/b.test.js > looks up /a is 2'], []])
        expect(told(failed).objections, failed.join()).toHaveLength(1);
    });

    it('is allowed by a task for what it says itself, and not for what stands behind it', () => {
      expect(judge({ ...about, words: task }).anew).toMatchObject([{ by: 'task' }]);
      const behind = changes(['x'], ['x'], []);
      expect(judge({ ...about, changes: behind, words: task }).objections.join()).toContain('nothing fails');
      const helper = {
        ...about.changes,
        paths: [...about.changes.paths, { path: 'test/helper.js', before: true, after: true }],
      };
      expect(judge({ ...about, changes: helper, words: task }).objections).toHaveLength(1);
    });
  });
});

describe('changedLines', () => {
  it('shows what differs, within bounds', () => {
    expect(changedLines('a\nb\nc\nd', 'a\nB\nc\nD\nd')).toEqual({ before: 'b', after: 'B\nD' });
    const long = Array.from({ length: 100 }, (_, index) => `${index}${'x'.repeat(500)}`).join('\n');
    const { before } = changedLines(long, '');
    expect(before.split('\n')).toHaveLength(31);
    expect(before).toContain('70 more changed lines');
    expect(before.length).toBeLessThan(7_000);
  });
});
