import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { bashScript } from '../../../../../src/producers/cli/commands/shell/bash.ts';
import { fishScript } from '../../../../../src/producers/cli/commands/shell/fish.ts';
import { placesOf } from '../../../../../src/producers/cli/commands/shell/tables.ts';
import { zshScript } from '../../../../../src/producers/cli/commands/shell/zsh.ts';
import { buildProgram } from '../../../../../src/producers/cli/framework/program.ts';

const places = placesOf(buildProgram({ name: 'df', version: '', execute: async () => {} }));
const top = mkdtempSync(join(tmpdir(), 'df-completion-'));
afterAll(() => rmSync(top, { recursive: true }));
const scratchFolder = () => mkdtempSync(join(top, 'x-'));
const isThere = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

/** What bash offers for the last word, with a program that knows two names of whatever it is asked for. */
function offered(...words: string[]): string[] {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'bin'));
  const program = join(folder, 'bin', 'df');
  writeFileSync(program, `#!/bin/sh\n[ "$1" = __complete ] && printf '%s\\n' "my $2" "$4x"\n`);
  chmodSync(program, 0o755);
  const script = join(folder, 'df.bash');
  writeFileSync(
    script,
    `${bashScript(places)}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_dark_factory
printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
  const { stdout, stderr } = spawnSync('bash', ['--norc', script, 'df', ...words], {
    env: { PATH: `${folder}/bin:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the completion of bash', () => {
  test.each([
    [['st'], ['start', 'stop', 'status']],
    [['provider', 'e'], ['enable']],
    [
      ['log', 'v'],
      ['my\\ project', 'verify', 'vx'],
    ],
    [['list', '--sta'], ['--status']],
    [['list', '--status', 'co'], ['completed']],
    [['list', '--status', '=', 'co'], ['completed']],
    [
      ['export', '--format', ''],
      ['markdown', 'json'],
    ],
    [
      ['start', 'sh'],
      ['my\\ project', 'shx'],
    ],
    [
      ['provider', 'remove', ''],
      ['my\\ provider', 'x'],
    ],
    [
      ['init', 'x', '-p', ''],
      ['my\\ persona', 'x'],
    ],
    [
      ['persona', 'show', ''],
      ['my\\ persona', 'x'],
    ],
    [
      ['config', 'get', 'a'],
      ['my\\ setting', 'ax'],
    ],
    // A second project where one is enough, a task's text, a path for the system's df, and an option of it.
    [['start', 'shop', ''], []],
    [['init', 'x', '-d', ''], []],
    [['./'], []],
    [['-'], []],
  ])('after %j offers %j', (words, expected) => {
    expect(offered(...words).sort()).toEqual([...expected].sort());
  });
});

test('values are offered only for options that there are', () => {
  const names = places.flatMap(({ flags }) => flags.flatMap((flag) => flag.names));
  for (const option of ['--status', '--level', '--effort', '--api', '--role', '--sealed-show', '--persona'])
    expect(names).toContain(option);
});

test('the scripts speak of every command, and of none that is hidden', () => {
  for (const script of [bashScript(places), zshScript(places), fishScript(places)]) {
    for (const word of ['provider set-key', 'config get', '--api-key-stdin', 'demo']) {
      expect(script).toContain(word.replace('--', ''));
    }
    expect(script.match(/__complete/g)).toHaveLength(1);
  }
});

test.each([
  ['zsh', ['-n'], zshScript],
  ['fish', ['--no-execute'], fishScript],
] as const)('%s finds no mistake in its script', (shell, options, make) => {
  if (!isThere(shell)) return;
  const file = join(scratchFolder(), 'script');
  writeFileSync(file, make(places));
  expect(spawnSync(shell, [...options, file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
