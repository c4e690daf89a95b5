import { describe, expect, it } from 'vitest';
import { missingProgram } from '../../../src/factory/gates/ecosystems/missing-program.ts';

const missing = (output: string, exitCode: number | null = 127) => missingProgram({ exitCode, output });

describe('a program that the machine does not have', () => {
  it.each([
    ['sh: 1: eslint: not found', 'eslint'],
    ['> lint\n> eslint .\n\nsh: 1: eslint: not found\n', 'eslint'],
    ['bash: line 1: flake8: command not found', 'flake8'],
    ['./scripts/check.sh: line 3: ruff: command not found', 'ruff'],
    ['/bin/sh: 1: ./node_modules/.bin/xo: not found', './node_modules/.bin/xo'],
    ['zsh:1: command not found: ruff', 'ruff'],
    ['env: ‘tox’: No such file or directory', 'tox'],
    ["timeout: failed to run command 'nox': No such file or directory", 'nox'],
    ['ruff check .\nmake: ruff: No such file or directory\nmake: *** [Makefile:3: lint] Error 127', 'ruff'],
    ['/usr/bin/python3: No module named pytest', 'pytest'],
    ["/opt/venv/bin/python: No module named ruff.__main__; 'ruff' is a package and cannot be run", 'ruff'],
    ['error: no such command: `clippy`\n\nhelp: view all installed commands with `cargo --list`', 'clippy'],
    ["pyenv: flake8: command not found\n\nThe `flake8' command exists in these Python versions:", 'flake8'],
    ["error: rustup could not choose a version of cargo to run, because one wasn't specified", 'cargo'],
    [
      "error: toolchain '1.70-x86_64-unknown-linux-gnu' is not installed",
      "toolchain '1.70-x86_64-unknown-linux-gnu'",
    ],
    ["error: 'cargo-fmt' is not installed for the toolchain '1.80'.", 'cargo-fmt'],
    ['error Command "eslint" not found.', 'eslint'],
    [
      'npm error npx canceled due to missing packages and no YES option: ["eslint@10.15.0"]',
      'eslint@10.15.0',
    ],
    [
      'npm error request to https://registry.npmjs.org/prettier failed, reason: getaddrinfo EAI_AGAIN',
      'prettier',
    ],
    [
      "Error: Cannot find module '/work/tree/node_modules/eslint/bin/eslint.js'\n    at Module._resolveFilename",
      'eslint',
    ],
  ])('is named by what was printed: %s', (output, name) => {
    expect(missing(output)).toBe(name);
  });

  it('is none where a file of the repository is missing, for the task may be to write it', () => {
    for (const output of [
      'sh: 1: ./verify.sh: not found',
      'bash: line 1: scripts/test.sh: No such file or directory',
      'bash: run-tests.sh: No such file or directory',
      "Error: Cannot find module '/work/tree/src/cli.js'",
    ])
      expect(missing(output)).toBeNull();
  });

  it('is none where the command did not fail, or failed for another reason', () => {
    expect(missing('sh: 1: eslint: not found', 0)).toBeNull();
    expect(missing('src/a.js\n  1:1  error  unexpected var', 1)).toBeNull();
    expect(
      missing('Traceback (most recent call last):\nModuleNotFoundError: No module named "yaml"', 1),
    ).toBeNull();
  });
});
