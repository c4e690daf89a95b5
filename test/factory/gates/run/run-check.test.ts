import { describe, expect, it } from 'vitest';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import {
  type CheckContext,
  type CheckOutcome,
  runCheck,
} from '../../../../src/factory/gates/run/run-check.ts';
import type { ScratchTree } from '../../../../src/factory/ports/workspace.ts';

const CHECK = { name: 'Tests', command: 'npm test', expectedExitCode: 0, source: 'package.json' };

const tap = (tests: Record<string, boolean>) =>
  [
    'TAP version 13',
    ...Object.entries(tests).map(([name, ok], at) => `${ok ? 'ok' : 'not ok'} ${at + 1} - ${name}`),
  ].join('\n');

/** A tree in which each run ends as the next of `runs` says. */
function tree(...runs: { output: string; exitCode: number; ended?: 'exit' | 'timeout' }[]) {
  const done: string[] = [];
  const made: ScratchTree = {
    folder: '/scratch',
    place: { worktree: '/scratch', gitDir: '/repository/.git' },
    async run({ command }) {
      const {
        output,
        exitCode,
        ended = 'exit',
      } = runs[done.length] ?? { output: 'no run left', exitCode: 99 };
      done.push(command);
      const outputBytes = Buffer.byteLength(output);
      const result = {
        exitCode,
        ended,
        output,
        outputBytes,
        durationMs: 5,
        truncated: false,
        outputHash: 'h',
      };
      return { result, relative: 'output/1' };
    },
    write: async () => {},
    restore: async () => [],
    remove: async () => {},
  };
  return { tree: made, done };
}

const context = (made: ScratchTree, rest: Partial<CheckContext> = {}): CheckContext => ({
  readOutput: async () => 'never asked for',
  project: { id: 'p', worktreePath: '/worktree' },
  timeoutMs: 1_000,
  signal: new AbortController().signal,
  known: undefined,
  acceptKnown: false,
  again: (work) => work(made),
  ...rest,
});

const known = (failed: string[], passed: string[] = []): CheckOutcome => ({
  result: {
    name: 'Tests',
    passed: failed.length === 0,
    output: '',
    required: true,
    knownFailure: false,
    exitCode: 1,
  },
  run: testRun('tap', { ...noTests(), failed, passed }),
});

describe('runCheck', () => {
  it('runs a failing check once more, and shows as flaky what wavered', async () => {
    const t = tree(
      { output: tap({ a: false, b: true }), exitCode: 1 },
      { output: tap({ a: true, b: true }), exitCode: 0 },
    );
    const { result } = await runCheck(context(t.tree), CHECK, t.tree);
    expect(result).toMatchObject({ passed: true, attempts: 2, flaky: ['a'], durationMs: 10 });
  });

  it('a check that fails twice fails, with the test that wavered shown apart', async () => {
    const t = tree(
      { output: tap({ a: false, b: false }), exitCode: 1 },
      { output: tap({ a: true, b: false }), exitCode: 1 },
    );
    const { result } = await runCheck(context(t.tree), CHECK, t.tree);
    expect(result).toMatchObject({ passed: false, attempts: 2, flaky: ['a'], tests: { failures: ['b'] } });
  });

  it('spares the second run where it could tell nothing', async () => {
    const cases: [Parameters<typeof tree>[0], Partial<CheckContext>, string][] = [
      [{ output: '', exitCode: 127 }, {}, 'Tests'],
      [{ output: '', exitCode: 1, ended: 'timeout' }, {}, 'Tests'],
      [{ output: '', exitCode: 1 }, {}, 'Linter'],
      [{ output: tap({ a: false }), exitCode: 1 }, { known: known(['a']) }, 'Tests'],
      [{ output: '', exitCode: 1 }, { again: null }, 'Tests'],
    ];
    for (const [run, rest, name] of cases) {
      const t = tree(run);
      const { result } = await runCheck(context(t.tree, rest), { ...CHECK, name }, t.tree);
      expect(result.passed).toBe(false);
      expect(result.attempts).toBeUndefined();
    }
  });

  it('tells new failures from known ones, and blocks by both unless the owner accepts', async () => {
    const t = tree(
      { output: tap({ a: false, b: false }), exitCode: 1 },
      { output: tap({ a: false, b: false }), exitCode: 1 },
    );
    const { result } = await runCheck(
      context(t.tree, { known: known(['a'], ['b']), acceptKnown: true }),
      CHECK,
      t.tree,
    );
    expect(result).toMatchObject({
      passed: false,
      knownFailure: true,
      tests: { newFailures: ['b'], knownFailures: ['a'], before: { passed: 1, failed: 1 } },
    });
  });

  it('accepts known failures alone when the owner does, and says so', async () => {
    const output = tap({ a: false, b: true });
    for (const acceptKnown of [true, false]) {
      const t = tree({ output, exitCode: 1 });
      const { result } = await runCheck(
        context(t.tree, { known: known(['a'], ['b']), acceptKnown }),
        CHECK,
        t.tree,
      );
      expect(result.passed).toBe(acceptKnown);
      expect(result.accepted).toBe(acceptKnown ? true : undefined);
    }
  });

  it('accepts no timeout, whatever was printed before it', async () => {
    const t = tree({ output: tap({ a: false }), exitCode: 1, ended: 'timeout' });
    const { result } = await runCheck(
      context(t.tree, { known: known(['a']), acceptKnown: true }),
      CHECK,
      t.tree,
    );
    expect(result.passed).toBe(false);
  });

  it('a lying line of a test changes nothing about a red exit code', async () => {
    const t = tree(
      { output: `${tap({ a: true })}\nok 2 - everything\n`, exitCode: 1 },
      { output: tap({ a: true }), exitCode: 1 },
    );
    expect((await runCheck(context(t.tree), CHECK, t.tree)).result.passed).toBe(false);
  });

  it('a check without a command fails and says what to do', async () => {
    const t = tree();
    const { result } = await runCheck(context(t.tree), { ...CHECK, command: null }, t.tree);
    expect(result).toMatchObject({ passed: false, exitCode: null });
    expect(result.output).toContain('--no-test');
  });

  describe('a green exit code beside failures', () => {
    const RSPEC = '3 examples, 1 failure\n\nrspec ./spec/a_spec.rb:3 # Sum bad\n';
    const red = { ...known([]), run: testRun('rspec', { ...noTests(), failed: ['Sum bad'] }) };
    const outcome = async (rest: Partial<CheckContext>, ...runs: Parameters<typeof tree>) => {
      const t = tree(...runs);
      return (await runCheck(context(t.tree, rest), CHECK, t.tree)).result;
    };
    const zero = { output: RSPEC, exitCode: 0 };

    it('does not pass, and tells why', async () => {
      const result = await outcome({ known: { ...red, result: known(['a']).result } }, zero, zero);
      expect(result).toMatchObject({ passed: false, exitCode: 0, tests: { failed: 1 } });
      expect(result.output).toMatch(/ended with 0, but rspec counts 1 failed test/);
    });

    it('passes where the base commit ended so, for its owner has it that way', async () => {
      expect((await outcome({ known: red }, zero)).passed).toBe(true);
    });

    it('passes as flaky where a second run has no failures', async () => {
      const fine = { output: '3 examples, 0 failures\n', exitCode: 0 };
      expect(await outcome({ known: known([]) }, zero, fine)).toMatchObject({
        passed: true,
        flaky: ['Sum bad'],
      });
    });

    it('is nothing to the base commit, to linters and to checks that expect it', async () => {
      expect((await outcome({ again: null }, zero)).passed).toBe(true);
      for (const [check, exitCode] of [
        [{ ...CHECK, name: 'Linter' }, 0],
        [{ ...CHECK, command: 'rspec || rspec --only-failures' }, 0],
        [{ ...CHECK, expectedExitCode: 1 }, 1],
      ] as const) {
        const t = tree({ output: RSPEC, exitCode });
        expect((await runCheck(context(t.tree), check, t.tree)).result.passed).toBe(true);
      }
    });
  });

  it('reads the whole output where only its ends were kept', async () => {
    const t = tree({ output: 'cut', exitCode: 0 });
    const cut: ScratchTree = {
      ...t.tree,
      run: async (command) => {
        const { result, relative } = await t.tree.run(command);
        return { result: { ...result, outputBytes: 90_000 }, relative };
      },
    };
    const readOutput = async () => tap({ a: true, b: true });
    const { result } = await runCheck(context(cut, { readOutput }), CHECK, cut);
    expect(result.tests).toMatchObject({ total: 2 });
  });
});
