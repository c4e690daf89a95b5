import { describe, expect, it, test } from 'vitest';
import { hoursLength } from '../../../src/factory/config/work-hours.ts';
import { fail, ok, warn as warning } from '../../../src/factory/diagnosis/check.ts';
import { type Estimate, totalOf } from '../../../src/factory/history/estimate.ts';
import { qualityReport } from '../../../src/factory/model/gates/gate-report.ts';
import { providerConfig } from '../../../src/factory/model/money/finance.ts';
import { baseFindings } from '../../../src/factory/rehearsal/base-findings.ts';
import { estimateFindings, nightFindings } from '../../../src/factory/rehearsal/estimate-findings.ts';
import { error, rehearsed, warn } from '../../../src/factory/rehearsal/finding.ts';
import { diskFindings, machineFindings } from '../../../src/factory/rehearsal/machine-findings.ts';
import { providerFindings } from '../../../src/factory/rehearsal/provider-findings.ts';
import { PROJECT_ID } from '../../support/samples.ts';

const provider = (change: object) =>
  providerConfig.parse({
    name: 'openai',
    model: 'm',
    apiKey: '',
    priority: 1,
    consecutiveFailures: 0,
    ...change,
  });
const HOUR = 3_600_000;
const figures = { passed: 1, failed: 1, skipped: 0, total: 2, newFailures: [], knownFailures: [] };
const red = {
  ...{
    name: 'Tests',
    command: 'npm test',
    passed: false,
    required: true,
    exitCode: 1,
    source: 'package.json',
  },
  ...{ output: 'not ok 1 - adds', tests: { ...figures, runner: 'node', failures: ['adds numbers'] } },
};

/** Levels and what is said of a base commit on which these checks came to that. */
function ofBase(check: object, description: string, { known = false, unpassable = [] as string[] } = {}) {
  const report = qualityReport.parse({
    ...{ schemaVersion: 1, id: 'r', projectId: PROJECT_ID, persona: 'engineer', kind: 'baseline', round: 0 },
    ...{ commit: 'c', sandbox: 'bubblewrap', passed: false, checks: [check], changedDefinitions: [] },
    ...{ allowedChanges: [], objections: [], weakenings: [], timestamp: new Date(0), durationMs: 0 },
  });
  const held = unpassable.map((what) => ({ what, do: 'Install it.' }));
  return baseFindings({ report, notChecked: [], unpassable: held }, description, known);
}

describe('a base commit whose gate is red', () => {
  it('is fine where the work is to mend it, and an error where the description does not speak of it', () => {
    expect(ofBase(red, 'Fix the failing tests.')).toEqual([]);
    expect(ofBase(red, 'Make "adds numbers" pass.')).toEqual([]);
    const [found] = ofBase(red, 'Add a login form.');
    expect(found).toMatchObject({ level: 'error', what: expect.stringContaining('1 of 2 (adds numbers)') });
    expect(found?.do).toContain('knownFailures');
    expect(ofBase(red, 'Add a login form.', { known: true })).toMatchObject([{ level: 'warn' }]);
  });

  it('is an error whatever the work is where the network was asked for, or the machine lacks something', () => {
    const offline = { ...red, output: 'Error: getaddrinfo EAI_AGAIN api.example.org\n  at x' };
    expect(ofBase(offline, 'Fix the failing tests.')).toMatchObject([
      { level: 'error', what: expect.stringMatching(/network.*EAI_AGAIN api\.example\.org\.$/) },
    ]);
    const held = ofBase(red, 'Fix it.', { unpassable: ['Tests: `npm test` needs jest.'] });
    expect(held).toEqual([{ level: 'error', what: 'Tests: `npm test` needs jest.', do: 'Install it.' }]);
  });

  it('may be red where it is about style that is to be mended, where a persona asks for what is to be made, and where tests are sealed', () => {
    const lint = { ...red, name: 'Linter', tests: undefined, output: '3 errors' };
    expect(ofBase(lint, 'Fix what the linter finds.')).toEqual([]);
    expect(ofBase(lint, 'Add a form.')).toMatchObject([
      { level: 'error', what: expect.stringContaining('3 errors') },
    ]);
    const asked = { ...red, name: 'docs', source: 'persona', tests: undefined, output: '' };
    expect(ofBase(asked, 'Add a form.')).toMatchObject([
      { level: 'warn', what: expect.stringContaining('exit code 1') },
    ]);
    expect(ofBase({ ...red, sealed: true }, 'Add a form.')).toEqual([]);
    expect(ofBase({ ...red, required: false }, 'Add a form.')).toEqual([]);
  });
});

test('money, time and hours are held against what finished projects took', () => {
  const took: Estimate = {
    ...{ basis: 'repository' as const, projects: 4, proved: 4, cost: { median: 2, p90: 5 } },
    ...{ activeMs: { median: HOUR, p90: 3 * HOUR }, spanMs: { median: HOUR, p90: HOUR } },
  };
  const of = (budget: number | undefined, maxRuntime: number, hoursMs: number | null) =>
    estimateFindings(
      took,
      {
        maxRuntime,
        settings: { commands: {}, allowGateChanges: false, ...(budget === undefined ? {} : { budget }) },
      },
      { hoursMs, workHours: '22:00-00:30' },
    ).map(({ level, what }) => `${level} ${what}`);
  expect(of(undefined, 12 * HOUR, null)).toEqual([]);
  expect(of(5, 3 * HOUR, 3 * HOUR)).toEqual([]);
  expect(of(4, 12 * HOUR, null)).toEqual([expect.stringMatching(/^warn .*\$4\.00.*\$5\.00/)]);
  expect(of(1, HOUR / 2, HOUR / 2)).toEqual([
    expect.stringMatching(/^error Its budget is \$1\.00.*took \$2\.00/),
    expect.stringMatching(/^error It may work for 30m 00s/),
    expect.stringMatching(/^error The work hours are 30m 00s \(22:00-00:30\)/),
  ]);
  const nothing: Estimate = { ...took, basis: 'none', projects: 0, cost: null, activeMs: null, spanMs: null };
  const asked = { maxRuntime: HOUR, settings: { commands: {}, allowGateChanges: false } };
  expect(estimateFindings(nothing, asked, { hoursMs: 1 })).toMatchObject([
    { level: 'info', do: 'Cap it with a budget.' },
  ]);
  const total = totalOf([took, took, nothing]);
  expect(total).toMatchObject({ projects: 3, known: 2, cost: { median: 4, p90: 10 } });
  expect(nightFindings(total, { hoursMs: HOUR, perDay: 3 }, 1).map(({ level }) => level)).toEqual([
    'warn',
    'warn',
  ]);
  expect(nightFindings(total, { hoursMs: HOUR, perDay: 4 }, 2)).toEqual([]);
  expect(totalOf([nothing])).toMatchObject({ projects: 1, known: 0, cost: null });
});

test.each([
  [undefined, null],
  ['22:00-07:00', 9 * HOUR],
  ['09:00-17:30', 8.5 * HOUR],
])('the work hours %s are so long', (workHours, length) => {
  expect(hoursLength({ workHours })).toBe(length);
});

test('a disk is too small when worktrees would take what is to stay free', () => {
  const of = (free: number, trees: number[], atOnce = 2) =>
    diskFindings('/data', { free, size: 1_000 }, { limit: '10%', trees, atOnce });
  expect(of(100, [])).toEqual([]);
  expect(of(99, [])).toMatchObject([{ level: 'error' }]);
  expect(of(300, [10, 50, 50, 50])).toEqual([]);
  expect(of(299, [10, 50, 50])).toMatchObject([
    { level: 'error', what: expect.stringContaining('worktrees take') },
  ]);
});

test('of what health looks at, what keeps a night from beginning', () => {
  const checks = [ok('redis', 'fine'), fail('halt', 'the factory is halted: x', 'df resume --all')];
  expect(
    machineFindings([...checks, warning('memory', 'little', 'y'), warning('workers', 'none', 'z')]),
  ).toEqual([error('halt: the factory is halted: x', 'df resume --all'), warn('memory: little', 'y')]);
});

test('a project whose providers do not answer would wait; where another answers it is only told', () => {
  const [good, off] = [
    provider({ id: 'good' }),
    provider({ id: 'off', enabled: false, disabledReason: '401' }),
  ];
  const answered = { provider: good, healthy: true, detail: 'Provider good answers.' };
  const refused = { provider: off, healthy: false, detail: 'Provider off is switched off.' };
  const any = { personas: ['engineer'], projects: ['p'] };
  expect(providerFindings([answered], [[any]])).toEqual([]);
  expect(providerFindings([answered, refused], [[any]])).toMatchObject([
    { level: 'warn', do: 'Give it a key that works: df provider set-key off.' },
  ]);
  expect(providerFindings([answered, refused], [[any], [{ ...any, model: 'off' }]])).toMatchObject([
    { level: 'error', what: expect.stringMatching(/^Nobody would answer engineer: Provider off/) },
  ]);
  expect(providerFindings([answered], [[{ ...any, model: 'gone' }]])).toMatchObject([{ level: 'error' }]);
  // Another tier takes the place of one that is gone.
  const small = { ...any, tier: { name: 'small' as const, ids: ['off'] } };
  expect(providerFindings([answered, refused], [[small, any]])).toMatchObject([{ level: 'warn' }]);
  expect(providerFindings([answered, refused], [[small]])).toMatchObject([{ level: 'error' }]);
});

test('a project is ready when no finding is an error', () => {
  expect(rehearsed('p', [warn('x', 'y')])).toMatchObject({ ready: true });
  expect(rehearsed('p', [warn('x', 'y'), error('x', 'y')])).toMatchObject({ ready: false });
});
