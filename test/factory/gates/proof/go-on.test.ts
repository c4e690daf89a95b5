import { describe, expect, it } from 'vitest';
import { goingOn, withAllTests } from '../../../../src/factory/gates/proof/go-on.ts';

describe('tests that go on after a failure', () => {
  it.each([
    ['mocha --reporter spec --bail', 'mocha --reporter spec'],
    ['mocha -b test/*.js && eslint -b .', 'mocha test/*.js && eslint -b .'],
    ['jest --bail=1 --ci', 'jest --ci'],
    ['ava --fail-fast', 'ava'],
    ['python -m pytest -x -q', 'python -m pytest -q'],
    ['pytest --maxfail=2 tests', 'pytest tests'],
    ['python -m unittest -f', 'python -m unittest'],
    ['go test -failfast ./...', 'go test ./...'],
    ['cargo test', 'cargo test --no-fail-fast'],
    ['cargo +nightly test --all -- --nocapture', 'cargo +nightly test --no-fail-fast --all -- --nocapture'],
  ])('by the command: %s', (command, on) => expect(goingOn(command)).toBe(on));

  it.each([
    'npm test',
    'cargo test --all --no-fail-fast',
    'cargo test-all',
    'jest --bailiff',
    'grep -x a && pytest',
  ])('as they did by %s', (command) => expect(goingOn(command)).toBe(command));

  it('by settings, each as the content has it', async () => {
    const files: Record<string, string> = {
      'a:package.json': '{"scripts": {"test": "mocha --bail"}, "mocha": {"bail": true}}',
      'base:package.json': '{"scripts": {"test": "mocha --bail --base"}, "mocha": {"bail": true}}',
      'a:.mocharc.yml': 'spec: test\nbail: true\n',
      'a:test/mocha.opts': '--bail\n--reporter spec\n',
      'a:vitest.config.ts': 'export default { test: { bail: 1 } }',
      'a:node_modules/x/package.json': '{"scripts": {"test": "mocha --bail"}}',
      'a:index.js': 'jail = { bail: true }',
    };
    const git = {
      listFiles: async () => [...new Set(Object.keys(files).map((name) => name.split(':')[1] ?? ''))],
      showFile: async (_: string, commit: string, path: string) => files[`${commit}:${path}`] ?? null,
    };
    const content = {
      commit: 'a',
      over: [{ commit: 'base', paths: ['package.json'] }],
      texts: { 'x.js': '1' },
    };
    expect((await withAllTests(git, { repository: '/r' }, content)).texts).toEqual({
      'package.json': '{"scripts": {"test": "mocha --base"}, "mocha": {"bail": false}}',
      '.mocharc.yml': 'spec: test\nbail: false\n',
      'test/mocha.opts': '\n--reporter spec\n',
      'vitest.config.ts': 'export default { test: { bail: 0 } }',
      'x.js': '1',
    });
  });
});
