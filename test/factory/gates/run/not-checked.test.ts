import { describe, expect, it } from 'vitest';
import { config } from '../../../../src/factory/config/config.ts';
import { obstacleText } from '../../../../src/factory/gates/run/checks.ts';
import { planGates } from '../../../../src/factory/gates/run/gate-plan.ts';
import { findUnpassable as find } from '../../../../src/factory/gates/run/not-checked.ts';
import { qualityReport } from '../../../../src/factory/model/gates/gate-report.ts';
import { sampleProject } from '../../../support/samples.ts';

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

const findUnpassable = (report: ReturnType<typeof baseline>, skip: boolean, guessed = false) =>
  find(report, [{ name: 'Linter', command: 'x', expectedExitCode: 0, source: 'x', guessed }], skip);

describe('a baseline', () => {
  it('leaves out what a repository of its kind usually has, where this one does not hold to it', () => {
    const red = baseline({ ...lint, exitCode: 1, output: '3 warnings' });
    expect(findUnpassable(red, true, true).notChecked[0]?.why).toMatch(/fails on the base commit.*--lint/);
    expect(findUnpassable(red, true, false).notChecked).toEqual([]);
    expect(findUnpassable(baseline({ ...lint, passed: true }), true, true).notChecked).toEqual([]);
  });

  it('leaves out a linter of no fixed version that finds fault with the base commit, unless the owner asked for it', () => {
    const red = { ...lint, exitCode: 1, output: '3 errors' };
    const of = (check: object, skip: boolean, loose: boolean) =>
      find(baseline(check), [], skip, loose).notChecked.map(({ why }) => why);
    expect(of(red, true, true).join()).toMatch(/no lock file.*--lint CMD/);
    expect(of(red, true, false)).toEqual([]);
    expect(of(red, false, true)).toEqual([]);
    expect(of({ ...red, source: 'settings' }, true, true)).toEqual([]);
    expect(of({ ...tests, exitCode: 1, output: '3 failed' }, true, true)).toEqual([]);
  });

  it.each([
    [
      'serde',
      'error: no matching package named `serde` found\nlocation searched: crates.io index\nrequired by package `a v0.1.0`\n',
    ],
    [
      'github.com/stretchr/testify',
      'main.go:4:2: github.com/stretchr/testify@v1.9.0: module lookup disabled by GOPROXY=off\nFAIL\texample.com/a [setup failed]\nFAIL\n',
    ],
    [
      'vitest',
      'Error: Required package missing from disk. If you keep your packages inside your repository, try an install.\n\nMissing package: vitest@virtual:abc#npm:2.1.0\n',
    ],
  ])('cannot pass without a package that nobody downloaded: %s', (name, output) => {
    const none = { passed: 0, failed: 1, skipped: 0, total: 1 };
    const figures = { runner: 'go', ...none, failures: ['a'], newFailures: [], knownFailures: [] };
    const red = { ...tests, exitCode: 1, output };
    for (const check of [red, { ...red, tests: figures }])
      expect(findUnpassable(baseline(check), true).unpassable.map(obstacleText).join()).toContain(name);
    // Where tests ran, one of them may have said it.
    const ran = { ...figures, passed: 1, total: 2 };
    expect(findUnpassable(baseline({ ...red, tests: ran }), true).unpassable).toEqual([]);
    expect(findUnpassable(baseline({ ...red, passed: true, exitCode: 0 }), true).unpassable).toEqual([]);
  });

  it('leaves out a linter and a formatter that the repository names and the machine does not have', () => {
    const found = findUnpassable(baseline(lint, { ...lint, name: 'Formatter' }), true);
    expect(found.unpassable).toEqual([]);
    expect(found.notChecked.map(({ name }) => name)).toEqual(['Linter', 'Formatter']);
    expect(found.notChecked[0]?.why).toContain('eslint');
    expect(found.report).toMatchObject({ passed: true, checks: [{ required: false }, { required: false }] });
  });

  it('leaves out a linter that crashes by itself, unless the owner asked for it; tests that crash are to be fixed', () => {
    const output = Array.from(
      { length: 5 },
      (_, n) => `    at x (/w/node_modules/eslint/${n}.js:1:2)\n`,
    ).join('');
    const crash = { exitCode: 2, output: `TypeError: x is no function\n${output}` };
    const found = findUnpassable(baseline({ ...lint, ...crash }), true);
    expect(found.notChecked).toMatchObject([
      { name: 'Linter', why: expect.stringContaining('crashes by itself') },
    ]);
    const asked = findUnpassable(baseline({ ...lint, ...crash, source: 'settings' }), true);
    expect(asked.unpassable.map(obstacleText).join()).toContain('--lint CMD');
    expect(findUnpassable(baseline({ ...tests, ...crash }), true)).toMatchObject({
      notChecked: [],
      unpassable: [],
    });
  });

  it('holds up what the owner asked for and tests that cannot run, with what is missing and what helps', () => {
    for (const check of [
      { ...lint, source: 'settings' },
      { ...lint, name: 'build', source: 'persona' },
      tests,
    ]) {
      const found = findUnpassable(baseline(check), true);
      expect(found.notChecked).toEqual([]);
      expect(found.unpassable.map(obstacleText).join()).toMatch(/needs eslint.* at df init/);
    }
  });

  it('holds up every missing check where the owner says so', () => {
    expect(findUnpassable(baseline(lint), false)).toMatchObject({ notChecked: [] });
    expect(findUnpassable(baseline(lint), false).unpassable).toHaveLength(1);
    const none = { name: 'Linter', passed: false, output: '', required: true, source: 'nothing' };
    expect(findUnpassable(baseline(none), false).unpassable.map(obstacleText).join()).toContain('--lint CMD');
  });

  it('holds up a command whose tests all pass and which needs a network or a program for the rest', () => {
    const named = { runner: 'x', skipped: 0, total: 2, failures: [], newFailures: [], knownFailures: [] };
    const offline =
      'npm warn audit request to https://registry.example.org/x failed, reason: EAI_AGAIN\nnpm error audit endpoint returned an error';
    const browser = "browserType.launch: Executable doesn't exist at /cache/chrome";
    const of = (output: string, failed: number) =>
      findUnpassable(
        baseline({ ...tests, exitCode: 1, output, tests: { ...named, passed: 2 - failed, failed } }),
        true,
      )
        .unpassable.map(obstacleText)
        .join();
    expect(of(offline, 0)).toMatch(/needs the network \(registry\.example\.org\).*--test CMD/);
    expect(of(browser, 0)).toContain('needs /cache/chrome');
    expect(of(browser, 1)).toBe('');
    // What a test printed on the way is not what the command failed for.
    expect(of(`${browser}\n${'ok\n'.repeat(2_000)}1 problem`, 0)).toBe('');
  });

  it('lets tests that fail, and a linter that complains, be fixed', () => {
    const named = { runner: 'x', passed: 1, failed: 1, skipped: 0, total: 2 };
    const ran = { ...tests, tests: { ...named, failures: [], newFailures: [], knownFailures: [] } };
    const found = findUnpassable(baseline(ran, { ...lint, exitCode: 1, output: '3 errors' }), true);
    expect(found).toMatchObject({ notChecked: [], unpassable: [] });
  });
});

describe('the plan of a project', () => {
  const acceptanceCriteria = { testsPass: true, lintPass: true, formatPass: true, customChecks: [] };
  const personas = sampleProject().personas.map((each) => ({ ...each, acceptanceCriteria }));
  const none = { test: null, lint: null, format: null, setup: null, definitions: [] };
  const plan = (commands: object, own: object = {}, files: Record<string, string> = {}, found: object = {}) =>
    planGates(
      config.parse(own),
      { personas, settings: { commands, allowGateChanges: false } },
      { ...none, ...found },
      { paths: Object.keys(files), has: (path) => path in files, read: async (path) => files[path] ?? null },
    );

  it('is refused where nobody could run the tests, with the flags that help', async () => {
    await expect(plan({})).rejects.toMatchObject({
      kind: 'usage',
      hint: expect.stringMatching(/--test CMD.*--no-test/s),
    });
    expect((await plan({ test: null })).checks).toEqual([]);
  });

  it('asks for no linter and no formatter that the repository does not have, and says so', async () => {
    const { checks, notChecked } = await plan({ test: 'make t' });
    expect(checks.map(({ name }) => name)).toEqual(['Tests']);
    expect(notChecked.map(({ name }) => name)).toEqual(['Linter', 'Formatter']);
    const strict = await plan({ test: 'make t' }, { gates: { missing: 'fail' } });
    expect([strict.notChecked, strict.warnings.length]).toEqual([[], 2]);
  });

  it('names what folders declare and nothing installs, and offers the command', async () => {
    const declares = JSON.stringify({ devDependencies: { a: '1' } });
    const files = { 'web/package.json': declares, 'web/pnpm-lock.yaml': '', 'api/package.json': declares };
    const { warnings } = await plan(
      { test: 'make t' },
      {},
      { ...files, 'test/fixture/package.json': declares },
    );
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain(
      `--setup "(cd 'web' && pnpm install --frozen-lockfile) && (cd 'api' && npm install)"`,
    );
    const workspaces = { ...files, 'package.json': '{"workspaces":["*"]}' };
    expect((await plan({ test: 'make t' }, {}, workspaces)).warnings).toEqual([]);
  });

  it('says before the night that a set-up has no network', async () => {
    const setup = { command: 'npm install', source: 'package.json', unlocked: true };
    const offline = await plan({ test: 'make t' }, {}, {}, { setup });
    expect([offline.setup, offline.warnings.join()]).toEqual([
      null,
      expect.stringContaining('setupNetwork: true'),
    ]);
    const online = await plan({ test: 'make t' }, { sandbox: { setupNetwork: true } }, {}, { setup });
    expect([online.setup, online.warnings]).toEqual([setup, []]);
  });
});
