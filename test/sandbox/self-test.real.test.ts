import { describe, expect, it } from 'vitest';
import { testSandbox } from '../../src/sandbox/mechanisms/self-test.ts';
import { makeStage } from './stage.ts';

describe('self-test', () => {
  it.each(['bubblewrap', 'unshare'] as const)('passes under %s', async (mode) => {
    const stage = await makeStage({ sandbox: { mode } });
    try {
      const results = await testSandbox(stage.sandbox, stage.repository.dir);
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
      expect(results.length).toBeGreaterThanOrEqual(6);
    } finally {
      await stage.cleanup();
    }
  });

  it('fails without a sandbox and names what went through', async () => {
    const stage = await makeStage({ sandbox: { mode: 'off' } });
    try {
      const results = await testSandbox(stage.sandbox, stage.repository.dir);
      expect(results.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
        'write outside',
        'read outside',
        'git',
        'network',
      ]);
    } finally {
      await stage.cleanup();
    }
  });
});
