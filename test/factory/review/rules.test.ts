import { describe, expect, it } from 'vitest';
import type { ReviewFinding } from '../../../src/factory/model/review.ts';
import { readFindings } from '../../../src/factory/review/answer.ts';
import { changedLines } from '../../../src/factory/review/changed-lines.ts';
import { duplicates, judgeBefore, judgeRuns, type SeenRun } from '../../../src/factory/review/judge.ts';

const SAID = {
  file: 'src/a.js',
  line: 5,
  severity: 'major',
  claim: 'The sum is wrong.',
  harm: 'Bills are wrong.',
  repro: { command: 'node repro.mjs', exitCode: 43 },
};

const one = (change: Record<string, unknown>) => {
  const read = readFindings(JSON.stringify({ findings: [{ ...SAID, ...change }] }));
  return read.ok ? read.value[0] : undefined;
};

describe('what a finder answers', () => {
  it('is read finding by finding: one without the form does not take the others along', () => {
    const read = readFindings(JSON.stringify({ findings: [SAID, { claim: 'Bad.' }, 'words'] }));
    expect(read).toMatchObject({
      ok: true,
      value: [
        { ok: true, finding: SAID },
        { ok: false, said: '{"claim":"Bad."}' },
        { ok: false, said: '"words"' },
      ],
    });
  });

  it.each([
    ['a file outside of the repository', { file: '../a.js' }],
    ['a file of git', { file: '.git/config' }],
    ['a file by its place on the machine', { file: '/etc/passwd' }],
    ['no line', { line: 0 }],
    ['a severity of its own', { severity: 'huge' }],
    ['no harm', { harm: ' ' }],
    ['its own word that it is confirmed', { confirmed: true }],
    ['a repro that succeeds', { repro: { command: 'true', exitCode: 0 } }],
    ['a repro that a shell could not start', { repro: { command: 'x', exitCode: 127 } }],
    ['a repro that is killed', { repro: { command: 'x', exitCode: 137 } }],
    [
      'a file of the repro in .git',
      { repro: { ...SAID.repro, files: [{ path: '.git/hooks/x', content: '' }] } },
    ],
    [
      'a file of the repro elsewhere',
      { repro: { ...SAID.repro, files: [{ path: 'a/../../x', content: '' }] } },
    ],
  ])('is no finding with %s', (_, change) => {
    expect(one(change)).toMatchObject({ ok: false, problem: expect.stringMatching(/./) });
  });

  it('is not taken from among other words', () => {
    expect(readFindings(`Here it is: {"findings": []}`)).toMatchObject({ ok: false });
    expect(readFindings('{"findings": [], "findings": []}')).toMatchObject({ ok: false });
    // So many that not all are listed cost none of the others.
    const many = readFindings(JSON.stringify({ findings: Array.from({ length: 200 }, () => SAID) }));
    expect(many).toMatchObject({ ok: true });
    expect(many.ok && many.value.slice(99)).toMatchObject([{ ok: true }, { ok: false, said: '100 more' }]);
  });
});

const PATCH = `diff --git a/src/a.js b/src/a.js
--- a/src/a.js
+++ b/src/a.js
@@ -1,3 +1,4 @@
 one
+--- a/fake.js
+++ b/fake.js
-two
 three
@@ -20 +21,2 @@
-x
+y
+z
diff --git a/gone.js b/gone.js
--- a/gone.js
+++ /dev/null
@@ -1,2 +0,0 @@
-a
-b
diff --git "a/od\\"d.js" "b/od\\"d.js"
--- "a/od\\"d.js"
+++ "b/od\\"d.js"
@@ -1 +1 @@
-a
+b
`;

it('knows the changed lines, also where the text of a file looks like a patch', () => {
  expect(Object.fromEntries(changedLines(PATCH))).toEqual({
    'src/a.js': [
      [1, 4],
      [21, 22],
    ],
    'gone.js': [[1, 2]],
    'od"d.js': [[1, 1]],
  });
});

describe('before anything is run', () => {
  const change = {
    files: new Set(['src/a.js']),
    lines: changedLines(PATCH),
    paths: new Set(['src/a.js', 'src/b.js']),
  };
  const judged = (more: Record<string, unknown>) => {
    const read = one({ line: 3, ...more });
    return read?.ok ? judgeBefore(read.finding, change) : undefined;
  };

  it('a finding elsewhere is rejected, and one about the change has its repro run', () => {
    expect(judged({})).toBeNull();
    expect(judged({ file: 'src/b.js' })).toMatchObject({ verdict: 'rejected' });
    expect(judged({ line: 12 })).toMatchObject({ verdict: 'rejected' });
  });

  it('one without a repro is not confirmed', () => {
    expect(judged({ repro: null })).toMatchObject({ verdict: 'not_confirmed' });
  });

  it('a repro that takes the place of a file is rejected', () => {
    const at = (path: string) => judged({ repro: { ...SAID.repro, files: [{ path, content: '' }] } });
    for (const path of ['src/b.js', 'src', 'src/b.js/x'])
      expect(at(path)).toMatchObject({ verdict: 'rejected' });
    expect(at('src/c.js')).toBeNull();
  });
});

describe('what the runs say', () => {
  const run = (exitCode: number | null, more: Partial<SeenRun> = {}): SeenRun => ({
    ...{ on: 'head', exitCode, ended: 'exit', outputFile: '', changed: [] },
    ...more,
  });
  const judged = (...runs: SeenRun[]) => judgeRuns(43, runs)?.verdict;

  it('confirms only what fails as said on the head, twice, and not on the base', () => {
    expect(judged(run(43))).toBeUndefined();
    expect(judged(run(43), run(0))).toBeUndefined();
    expect(judged(run(43), run(0), run(43))).toBe('confirmed');
    // A base without the new code fails in its own way.
    expect(judged(run(43), run(1), run(43))).toBe('confirmed');
  });

  it.each([
    ['passes on the head', [run(0)], 'rejected'],
    ['fails everywhere', [run(43), run(43)], 'rejected'],
    ['changes files of the repository', [run(43, { changed: ['a.js'] })], 'rejected'],
    ['fails in another way', [run(1)], 'not_confirmed'],
    ['is not found', [run(127)], 'not_confirmed'],
    ['takes too long', [run(null, { ended: 'timeout' })], 'not_confirmed'],
    ['uses up the memory on the base', [run(43), run(null, { ended: 'memory' })], 'not_confirmed'],
    ['fails now and then', [run(43), run(0), run(0)], 'not_confirmed'],
  ])('of a repro that %s', (_, runs, verdict) => {
    expect(judged(...runs)).toBe(verdict);
  });
});

it('takes two findings for one where they lie together and say the same; what weighs more stays', () => {
  const finding = (id: string, change: Partial<ReviewFinding>): ReviewFinding => ({
    ...{ id, finder: 'errors', by: 'main', round: 1, verdict: 'confirmed', confirmed: true, why: '' },
    ...{ file: 'a.js', line: 5, severity: 'major', claim: 'The total ignores negative amounts.' },
    ...{ harm: 'x', runs: [] },
    ...change,
  });
  const found = duplicates([
    finding('open', { verdict: 'not_confirmed', confirmed: false, severity: 'critical', line: 7 }),
    finding('seen', {}),
    finding('far', { line: 50 }),
    finding('other file', { file: 'b.js' }),
    finding('other claim', { claim: 'Connections stay open when reading fails.' }),
    finding('in other words', { claim: 'Negative amounts are ignored by total', finder: 'correctness' }),
  ]);
  expect([...found]).toEqual([
    ['in other words', 'seen'],
    ['open', 'seen'],
  ]);
});
