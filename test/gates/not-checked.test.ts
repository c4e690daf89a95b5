import { describe, expect, it } from 'vitest';
import { findUnpassable } from '../../src/factory/gates/not-checked.ts';
import { qualityReport } from '../../src/factory/gates/report.ts';
import { planGates } from '../../src/factory/project/gate-plan.ts';
import { sampleProject } from '../support/samples.ts';

const NOT_FOUND = { passed: false, exitCode: 127, output: 'sh: 1: eslint: not found', required: true };

const baseline = (...checks: object[]) =>
  qualityReport.parse({
    passed: false,
    checks,
    timestamp: new Date(0),
    id: 'baseline',
    projectId: sampleProject().id,
    persona: 'engineer',
    kind: 'baseline',
    round: 0,
    commit: 'a',
    sandbox: 'bubblewrap',
  });
const lint = { name: 'Linter', command: 'npm run lint', source: 'package.json', ...NOT_FOUND };
const tests = { name: 'Tests', command: 'npm test', source: 'package.json', ...NOT_FOUND };

describe('a baseline', () => {
  it('leaves out a linter and a formatter that the repository names and the machine does not have', () => {
    const found = findUnpassable(baseline(lint, { ...lint, name: 'Formatter' }), true);
    expect(found.unpassable).toEqual([]);
    expect(found.notChecked.map(({ name }) => name)).toEqual(['Linter', 'Formatter']);
    expect(found.notChecked[0]?.why).toContain('eslint');
    expect(found.report).toMatchObject({ passed: true, checks: [{ required: false }, { required: false }] });
  });

  it('holds up what the owner asked for and tests that cannot run, with what is missing and what helps', () => {
    for (const check of [
      { ...lint, source: 'settings' },
      { ...lint, name: 'build', source: 'persona' },
      tests,
    ]) {
      const found = findUnpassable(baseline(check), true);
      expect(found.notChecked).toEqual([]);
      expect(found.unpassable.join()).toMatch(/needs eslint.* at df init/);
    }
  });

  it('holds up every missing check where the owner says so', () => {
    expect(findUnpassable(baseline(lint), false)).toMatchObject({ notChecked: [] });
    expect(findUnpassable(baseline(lint), false).unpassable).toHaveLength(1);
    const none = { name: 'Linter', passed: false, output: '', required: true, source: 'nothing' };
    expect(findUnpassable(baseline(none), false).unpassable.join()).toContain('--lint CMD');
  });

  it('lets tests that fail, and a linter that complains, be mended', () => {
    const named = { runner: 'x', passed: 1, failed: 1, skipped: 0, total: 2 };
    const ran = { ...tests, tests: { ...named, failures: [], newFailures: [], knownFailures: [] } };
    const found = findUnpassable(baseline(ran, { ...lint, exitCode: 1, output: '3 errors' }), true);
    expect(found).toMatchObject({ notChecked: [], unpassable: [] });
  });
});

describe('the plan of a project', () => {
  const { personas } = sampleProject();
  const criteria = { testsPass: true, lintPass: true, formatPass: true, customChecks: [] };
  const asking = personas.map((each) => ({ ...each, acceptanceCriteria: criteria }));
  const none = { test: null, lint: null, format: null, setup: null, definitions: [] };
  const settings = (commands: object = {}) => ({ commands, allowGateChanges: false });

  it('is refused where nobody could run the tests, with the flags that help', () => {
    expect(() => planGates(asking, settings(), none, true)).toThrow(
      expect.objectContaining({ kind: 'usage', hint: expect.stringMatching(/--test CMD.*--no-test/s) }),
    );
    expect(planGates(asking, settings({ test: null }), none, true).checks).toEqual([]);
  });

  it('asks for no linter and no formatter that the repository does not have, and says so', () => {
    const plan = planGates(asking, settings({ test: 'make t' }), none, true);
    expect(plan.checks.map(({ name }) => name)).toEqual(['Tests']);
    expect(plan.notChecked.map(({ name }) => name)).toEqual(['Linter', 'Formatter']);
    expect(planGates(asking, settings({ test: 'make t' }), none, false).notChecked).toEqual([]);
  });
});
