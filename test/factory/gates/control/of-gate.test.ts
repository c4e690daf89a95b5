import { describe, expect, it } from 'vitest';
import { controlOfGate } from '../../../../src/factory/gates/control/of-gate.ts';
import type { ScratchContent } from '../../../../src/factory/ports/workspace.ts';
import { sampleProject } from '../../../support/samples.ts';
import { gitOver } from '../proof/two-commits.ts';

/** What tests that must fail ask for: each command that ran, with the texts that were laid over its tree. */
async function asked(command: string, files: Record<string, string>) {
  const seen: { command: string; texts: ScratchContent['texts'] }[] = [];
  const result = { name: 'Tests', passed: true, output: '', required: true, knownFailure: false };
  await controlOfGate({
    git: gitOver(files, { ...files, 'src/lib.rs': '// new\n' }),
    run: {
      project: sampleProject({ baseCommit: 'base' }),
      commit: 'head',
      timeoutMs: 1_000,
      signal: new AbortController().signal,
      readOutput: async () => '',
    },
    content: { commit: 'head' },
    tests: {
      check: { name: 'Tests', command, expectedExitCode: 0, source: 'settings' },
      outcome: { result, run: null },
      known: { result, run: null },
    },
    earlier: [],
    progress: () => {},
    trees: {
      scratchTree: async (_: unknown, { texts }: ScratchContent) => ({
        folder: '/tree',
        place: { worktree: '/tree' },
        write: async () => {},
        restore: async () => [],
        remove: async () => {},
        run: async ({ command }: { command: string }) => {
          seen.push({ command, texts });
          return {
            relative: 'output',
            result: {
              ended: 'exit' as const,
              exitCode: 1,
              output: '',
              outputBytes: 0,
              outputHash: '',
              truncated: false,
              durationMs: 1,
            },
          };
        },
      }),
    } as never,
  });
  return seen;
}

describe('tests that must fail', () => {
  it('are heard of in all targets, though those of the first one fail', async () => {
    const test = '#[test]\nfn adds() { assert_eq!(sums::add(2, 3), 5); }\n';
    const [first] = await asked('cargo test --offline', { 'src/lib.rs': '', 'tests/api.rs': test });
    expect(first?.command).toBe('cargo test --no-fail-fast --offline');
    const script = JSON.stringify({ scripts: { test: 'mocha --bail' } });
    const node = "it('adds', () => assert.equal(add(2, 3), 5));\n";
    const [run] = await asked('npm test', { 'package.json': script, 'test/a.test.js': node });
    expect(run?.texts?.['package.json']).not.toContain('--bail');
  });
});
