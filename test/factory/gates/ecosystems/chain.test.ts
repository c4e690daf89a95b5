import { describe, expect, it } from 'vitest';
import { findEcosystem } from '../../../../src/factory/gates/ecosystems/ecosystem.ts';
import { splitChain, writesNoCode } from '../../../../src/factory/gates/ecosystems/node/chain.ts';
import { gateChecks } from '../../../../src/factory/gates/run/checks.ts';
import { filesAsTree } from './files-as-tree.ts';

describe('a script that looks at the code and tests it', () => {
  it.each([
    ['xo && ava && tsc', "npm exec -c 'ava'", "npm exec -c 'xo && tsc'"],
    ['xo && ava && tsd', "npm exec -c 'ava'", "npm exec -c 'xo && tsd'"],
    [
      `standard "**/*.{js,ts}" && tape 'test/*.js'`,
      `npm exec -c 'tape '\\''test/*.js'\\'''`,
      `npm exec -c 'standard "**/*.{js,ts}"'`,
    ],
    // What is compiled before tests run may be the tests.
    ['tsc && eslint . && mocha out', "npm exec -c 'tsc && mocha out'", "npm exec -c 'eslint .'"],
  ])('is two checks: %s', (test, tests, lint) =>
    expect(splitChain('test', { test }, undefined)).toEqual({ test: tests, lint }),
  );

  it('is followed through the scripts that it starts', () => {
    const scripts = {
      lint: 'eslint .',
      unit: 'node --test',
      types: 'npm run tsd',
      tsd: 'tsd',
      test: 'npm run lint && npm run unit && npm run types',
    };
    expect(splitChain('test', scripts, 'lint')).toEqual({
      test: 'npm run unit',
      lint: 'npm run lint && npm run types',
    });
    expect(splitChain('test', { ...scripts, pretsd: 'npm run build' }, 'lint')?.lint).toBe('npm run lint');
    const circle = { test: 'npm run a && ava', a: 'npm run b', b: 'npm run a' };
    expect(splitChain('test', circle, undefined)).toBeNull();
  });

  it('is compiled for types alone by what writes no code', () => {
    const scripts = {
      build: 'tsc --build --clean && tsc --build && type-coverage',
      format: 'remark . -qfo && prettier . -w --log-level warn && xo --fix',
      coverage: 'c8 --100 npm run api',
      test: 'npm run build && npm run format && npm run coverage',
    };
    expect(splitChain('test', scripts, undefined, true)).toEqual({
      test: 'npm run coverage',
      lint: 'npm run build && npm run format',
    });
    expect(splitChain('test', scripts, undefined)?.test).toBe('npm run build && npm run coverage');
    expect(writesNoCode('{\n  "compilerOptions": { "emitDeclarationOnly": true }\n}')).toBe(true);
    expect(writesNoCode('{\n  // "noEmit": true\n  "outDir": "x"\n}')).toBe(false);
    expect(writesNoCode(null)).toBe(false);
  });

  it.each([
    ['one alone', { test: 'ava' }],
    ['no tests', { test: 'xo && tsd' }],
    ['a choice', { test: 'xo || true && ava' }],
    ['another folder', { test: 'cd packages/a && xo && ava' }],
    ['a script of shell', { test: 'xo && ava; true' }],
    ['a hook', { test: 'xo && ava', pretest: 'npm run build' }],
  ])('stays whole with %s', (_, scripts) => expect(splitChain('test', scripts, undefined)).toBeNull());

  describe('in a repository', () => {
    const files = {
      'package.json': JSON.stringify({ scripts: { test: 'xo && ava' }, devDependencies: { ava: '6' } }),
    };
    const criteria = { testsPass: true, lintPass: false, formatPass: false, customChecks: [] };
    const checks = async (more: object, commands: object = {}, asked: object = {}) =>
      gateChecks(
        { ...criteria, ...asked },
        { commands } as never,
        await findEcosystem(filesAsTree({ ...files, ...more })),
      ).map(({ name, command }) => [name, command]);

    it('of no lock file are both asked for by who asks for the tests, and stay one where versions are fixed', async () => {
      const both = [
        ['Tests', "npm exec -c 'ava'"],
        ['Linter', "npm exec -c 'xo'"],
      ];
      expect(await checks({})).toEqual(both);
      expect(await checks({}, {}, { lintPass: true })).toEqual(both);
      expect(await checks({}, { lint: null })).toEqual(both.slice(0, 1));
      expect(await checks({ 'package-lock.json': '{}' })).toEqual([['Tests', 'npm test']]);
      expect(await checks({ 'pnpm-lock.yaml': '' })).toEqual([['Tests', 'pnpm test']]);
    });
  });
});
