import { describe, expect, it } from 'vitest';
import { noTests, testRun } from '../../../../src/factory/gates/outputs/test-run.ts';
import { findPins } from '../../../../src/factory/gates/pins/pins.ts';
import { commandsOf } from '../../../../src/factory/gates/run/checks.ts';
import { runSealed } from '../../../../src/factory/gates/run/run-sealed.ts';
import {
  fingerprint,
  type NewSealed,
  requireSealed,
  sealSettings,
} from '../../../../src/factory/gates/run/sealed.ts';
import type { SealedFile } from '../../../../src/factory/model/sealing/sealed.ts';
import type { ScratchContent } from '../../../../src/factory/ports/workspace.ts';

const file = (path: string, text: string, executable = false): SealedFile => ({
  path,
  executable,
  content: Buffer.from(text),
});
const NOBODY = { allowAll: false, owner: [], agents: [] };
const FILES = [file('a.test.js', 'a'), file('b/run.sh', 'b', true)];
const BASE = { root: '/home/x/shop', paths: ['package.json', 'test/a.js', 'acceptance/a.test.js'] };
const NPM = { test: { command: 'npm test', source: 'package.json' } };
const input = (change: Partial<NewSealed> = {}): NewSealed => ({
  folder: '/home/x/acceptance',
  files: FILES,
  show: 'none',
  ...change,
});

describe('the fingerprint of sealed checks', () => {
  it('does not depend on the order of files', () => {
    expect(fingerprint([...FILES].reverse())).toBe(fingerprint(FILES));
  });

  it.each([
    ['a path', [file('c.test.js', 'a'), FILES[1] ?? file('', '')]],
    ['a content', [file('a.test.js', 'A'), FILES[1] ?? file('', '')]],
    ['a mode', [FILES[0] ?? file('', ''), file('b/run.sh', 'b')]],
    ['a missing file', FILES.slice(1)],
  ])('changes with %s', (_what, files) => {
    expect(fingerprint(files)).not.toBe(fingerprint(FILES));
  });
});

describe('what a project remembers of its sealed checks', () => {
  it('is the command asked for, else the owner’s test command, else the one of the base commit', () => {
    const command = (sealed: NewSealed, test?: string) =>
      sealSettings(sealed, { commands: test === undefined ? {} : { test } }, NPM, BASE).command;
    expect(command(input({ command: 'sh b/run.sh' }), 'pytest')).toBe('sh b/run.sh');
    expect(command(input(), 'pytest')).toBe('pytest');
    expect(command(input())).toBe('npm test');
  });

  it('is refused without any command', () => {
    expect(() => sealSettings(input(), { commands: {} }, { test: null }, BASE)).toThrow(
      /how to run the sealed checks/,
    );
  });

  it.each(['/home/x/shop', '/home/x/shop/acceptance'])(
    'is refused for %s, which agents would see',
    (folder) => {
      expect(() => sealSettings(input({ folder }), { commands: {} }, NPM, BASE)).toThrow(
        /part of the base commit/,
      );
    },
  );

  it('may come from a folder of the checkout that is not committed, or beside it', () => {
    for (const folder of ['/home/x/shop/private', '/home/x/shop-acceptance'])
      expect(sealSettings(input({ folder }), { commands: {} }, NPM, BASE).files).toBe(2);
  });
});

describe('sealed checks that end with 0 beside failures', () => {
  it('do not pass, and tell no more than their number', async () => {
    const output = '3 examples, 1 failure\n\nrspec ./s.rb:3 # Sum secret\n';
    const ran = {
      exitCode: 0,
      ended: 'exit',
      output,
      outputBytes: output.length,
      durationMs: 1,
      outputHash: 'h',
    };
    const tree = {
      folder: '/scratch',
      run: async () => ({ result: { ...ran, truncated: false }, relative: 'output/1' }),
      write: async () => {},
      remove: async () => {},
    };
    const run = testRun('rspec', { ...noTests(), failed: ['Sum secret'] });
    const context = {
      trees: { scratchTree: async () => tree },
      git: { listFiles: async () => [], showFile: async () => null },
      words: NOBODY,
      project: { id: 'p', worktreePath: '/w', baseCommit: 'base' },
      commit: 'now',
      content: { commit: 'now' },
      known: {
        result: { name: 'sealed', passed: false, output: '', required: true, knownFailure: false },
        run,
      },
      timeoutMs: 1_000,
      signal: new AbortController().signal,
    };
    const result = await runSealed(context as never, { command: 'rspec', show: 'none', files: FILES });
    expect(result).toMatchObject({ passed: false, sealed: true });
    expect(result.output).toBe('1 of 3 tests failed with the sealed checks in place.');
  });
});

describe('what the command of sealed checks starts', () => {
  const base: Record<string, string> = {
    'acceptance/run.sh': 'sh test/all.sh\n',
    'test/all.sh': 'node --test\n',
    'test/more.sh': '',
  };
  const bent = Object.fromEntries(Object.keys(base).map((path) => [path, 'echo ok\n']));
  const git = {
    changedFiles: async () => Object.keys(base),
    listFiles: async () => Object.keys(base),
    showFile: async (_: string, commit: string, path: string) =>
      (commit === 'base' ? base : bent)[path] ?? null,
  };
  const project = { id: 'p', repository: '/r', worktreePath: '/w', baseCommit: 'base' };
  const sealed = { command: './acceptance/run.sh', show: 'none' as const, files: FILES };

  it('A96 is a definition as what the gate’s own commands start', async () => {
    const commands = commandsOf({ checks: [], sealed });
    const { changed, fromBase } = await findPins(git, project as never, 'now', NOBODY, commands);
    expect(changed).toEqual([{ path: 'acceptance/run.sh', allowed: null }]);
    expect(fromBase).toEqual(['acceptance/run.sh']);
  });

  it('A96 comes from the base commit also where it lies among the tests, unless its owner allows another one', async () => {
    const laid = async (owner: string[]) => {
      let content: ScratchContent | undefined;
      const scratchTree = async (_: unknown, wanted: ScratchContent) => {
        content = wanted;
        throw new Error('enough');
      };
      const words = { ...NOBODY, owner };
      const context = {
        trees: { scratchTree },
        git,
        project,
        commit: 'now',
        content: { commit: 'now' },
        words,
      };
      await expect(runSealed(context as never, sealed)).rejects.toThrow('enough');
      return content?.over;
    };
    expect(await laid([])).toEqual([{ commit: 'base', paths: ['test/all.sh'] }]);
    expect(await laid(['Change test/all.sh.'])).toEqual([{ commit: 'base', paths: [] }]);
  });
});

describe('sealed checks at a gate', () => {
  const settings = sealSettings(input(), { commands: {} }, NPM, BASE);

  it('are used when they are those of df init', () => {
    expect(requireSealed(settings, FILES, '/p/sealed')).toBe(FILES);
  });

  it.each([
    ['gone', null, 'sealed_missing'],
    ['emptied', [], 'sealed_missing'],
    ['changed', FILES.slice(1), 'sealed_changed'],
  ])('stop it with a reason when they are %s', (_what, files, code) => {
    expect(() => requireSealed(settings, files, '/p/sealed')).toThrow(
      expect.objectContaining({ kind: 'environment', code }),
    );
  });
});
