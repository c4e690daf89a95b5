import { describe, expect, it } from 'vitest';
import { gateChecks, missingCommands } from '../../../../src/factory/gates/run/checks.ts';

describe('gateChecks', () => {
  const criteria = { testsPass: true, lintPass: true, formatPass: false, customChecks: [] };
  const settings = (commands: object) => ({ commands, allowGateChanges: false });
  const found = { test: { command: 'npm test', source: 'package.json' }, lint: null, format: null };

  it('takes the owner’s command before the repository’s', () => {
    const [test] = gateChecks(criteria, settings({ test: 'make t' }), found);
    expect(test).toMatchObject({ command: 'make t', source: 'settings' });
  });

  it('keeps a required check without a command, to fail and say so', () => {
    const checks = gateChecks(criteria, settings({}), found);
    expect(checks.map(({ name, command }) => [name, command])).toEqual([
      ['Tests', 'npm test'],
      ['Linter', null],
    ]);
    expect(missingCommands(checks)[0]).toContain('--no-lint');
  });

  it('leaves out what the owner switched off', () => {
    expect(gateChecks(criteria, settings({ lint: null }), found).map(({ name }) => name)).toEqual(['Tests']);
  });

  it('adds custom checks with their exit codes', () => {
    const customChecks = [{ name: 'build', command: 'make', expectedExitCode: 3 }];
    expect(gateChecks({ ...criteria, customChecks }, settings({}), found).at(-1)).toMatchObject({
      name: 'build',
      expectedExitCode: 3,
      source: 'persona',
    });
  });
});
