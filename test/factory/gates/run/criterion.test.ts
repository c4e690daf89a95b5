import { expect, it } from 'vitest';
import { runCriterion } from '../../../../src/factory/gates/run/criterion.ts';

const FAILED = '3 examples, 1 failure\n';

/** How a criterion ends whose command prints this and ends with 0, or as it says. */
async function evidence(
  command: string,
  output = FAILED,
  rest: { ownersWay?: boolean; exitCode?: number } = {},
) {
  const { ownersWay = false, exitCode = 0 } = rest;
  const result = {
    exitCode,
    ended: 'exit' as const,
    output,
    outputBytes: Buffer.byteLength(output),
    durationMs: 1,
    truncated: false,
    outputHash: 'h',
  };
  const tree = {
    folder: '/scratch',
    place: { worktree: '/scratch', gitDir: '/repository/.git' },
    run: async () => ({ result, relative: 'output/1' }),
    write: async () => {},
    restore: async () => [],
    remove: async () => {},
  };
  const run = { project: { id: 'p', worktreePath: '/w' }, commit: 'c', timeoutMs: 1_000, tree, ownersWay };
  const deps = {
    sandbox: { mechanism: 'off' },
    now: () => new Date(0),
    state: { readOutput: async () => '' },
  };
  const signal = new AbortController().signal;
  const criterion = { kind: 'criterion' as const, name: 'sums', command, expectedExitCode: exitCode };
  return runCriterion(deps as never, { ...run, signal } as never, criterion);
}

it('a criterion that ends with 0 beside failures that its runner counts does not pass, and tells why', async () => {
  const seen = await evidence('rspec spec/sum_spec.rb');
  expect(seen.passed).toBe(false);
  expect(seen.output).toMatch(/rspec counts 1 failed test/);
  expect((await evidence('rspec', '3 examples, 0 failures, 1 pending\n')).passed).toBe(true);
});

it('a criterion passes beside failures where the base commit ended so', async () => {
  expect((await evidence('rspec', FAILED, { ownersWay: true })).passed).toBe(true);
});

it.each(['! rspec spec/bad_spec.rb', 'rspec | grep "1 failure"', 'rspec; test $? -eq 1', 'rspec || rspec'])(
  'a criterion that itself says what is to come of failing tests passes: %s',
  async (command) => {
    expect((await evidence(command)).passed).toBe(true);
  },
);

it('a criterion that asks for another exit code passes beside failures', async () => {
  expect((await evidence('rspec', FAILED, { exitCode: 1 })).passed).toBe(true);
});
