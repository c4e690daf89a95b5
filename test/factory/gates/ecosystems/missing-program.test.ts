import { describe, expect, it } from 'vitest';
import {
  crashedByItself,
  missingHost,
  missingProgram,
} from '../../../../src/factory/gates/ecosystems/missing-program.ts';

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
      'ERROR: usage: __main__.py [options]\n__main__.py: error: unrecognized arguments: --cov=parse --cov-branch\n  inifile: /a/.pytest.ini\n',
      'pytest-cov',
    ],
    [
      'npm error npx canceled due to missing packages and no YES option: ["eslint@10.15.0"]',
      'eslint@10.15.0',
    ],
    [
      'npm error request to https://registry.npmjs.org/prettier failed, reason: getaddrinfo EAI_AGAIN',
      'prettier',
    ],
    [
      "Error: Cannot find module '/scratch/tree/node_modules/eslint/bin/eslint.js'\n    at Module._resolveFilename",
      'eslint',
    ],
    [
      "browserType.launch: Executable doesn't exist at /root/.cache/ms-playwright/chrome",
      '/root/.cache/ms-playwright/chrome',
    ],
    ['Error: Could not find Chrome (ver. 126.0.6478.126). This can occur if either', 'Chrome'],
  ])('is named by what was printed: %s', (output, name) => {
    expect(missing(output)).toBe(name);
  });

  it('is none where a file of the repository is missing, for the task may be to write it', () => {
    for (const output of [
      'sh: 1: ./verify.sh: not found',
      'bash: line 1: scripts/test.sh: No such file or directory',
      'bash: run-tests.sh: No such file or directory',
      "Error: Cannot find module '/scratch/tree/src/cli.js'",
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

describe('a host that gates cannot reach', () => {
  it.each([
    [
      'npm warn audit request to https://registry.example.org/-/npm/v1/security/advisories/bulk failed, reason: getaddrinfo EAI_AGAIN\nnpm error audit endpoint returned an error',
      'registry.example.org',
    ],
    [
      'npm error network request to x failed, reason: getaddrinfo ENOTFOUND npm.example.org',
      'npm.example.org',
    ],
    [
      ' ERR_PNPM_META_FETCH_FAIL  GET https://npm.example.org/x: request to https://npm.example.org/x failed, reason: EAI_AGAIN',
      'npm.example.org',
    ],
    ['Caused by:\n  failed to download from `https://index.example.io/config.json`', 'index.example.io'],
    [
      'go: x@v1: Get "https://proxy.example.org/x/@v/v1.mod": dial tcp: lookup proxy.example.org: no',
      'proxy.example.org',
    ],
  ])('is named by package managers: %s', (output, host) => {
    expect(missingHost({ exitCode: 1, output })).toBe(host);
  });

  it('is none where the command ended well, or where the program under test asked for it', () => {
    const output = 'npm warn audit request to https://registry.example.org/x failed, reason: y';
    expect(missingHost({ exitCode: 0, output })).toBeNull();
    const own = 'TypeError: fetch failed\n  [cause]: Error: getaddrinfo EAI_AGAIN api.example.org';
    expect(missingHost({ exitCode: 1, output: own })).toBeNull();
  });
});

describe('a tool that crashes by itself', () => {
  const NODE = `Oops! Something went wrong! :(

/w/node_modules/async-function/require.mjs:1
SyntaxError: Cannot use import statement outside a module
    at new Script (node:vm:117:7)
    at NativeCompileCache._moduleCompile (/w/node_modules/v8-compile-cache/v8-compile-cache.js:240:18)
    at Module._extensions..js (node:internal/modules/cjs/loader:1623:10)
    at Object.<anonymous> (/w/node_modules/get-intrinsic/index.js:154:24)
`;
  const PYTHON = `Traceback (most recent call last):
  File "/w/.venv/bin/../lib/python3.11/site-packages/flake8/__main__.py", line 8, in <module>
  File "/w/.venv/lib/python3.11/site-packages/flake8/main/cli.py", line 22, in main
  File "/usr/lib/python3.11/importlib/metadata.py", line 9, in get
  File "/w/.venv/lib/python3.11/site-packages/flake8/plugins/finder.py", line 3, in find
AttributeError: 'EntryPoints' object has no attribute 'get'
`;
  const crashed = (output: string, exitCode = 2) => crashedByItself({ exitCode, output });

  it('is one whose stack lies wholly in code that nobody of the repository wrote', () => {
    expect(crashed(NODE)).toBe(true);
    expect(crashed(PYTHON)).toBe(true);
  });

  it.each<[string, boolean]>([
    ['it ended well', crashed(NODE, 0)],
    [
      'a configuration of the repository has a part in it',
      crashed(`${NODE}    at Object.<anonymous> (/w/eslint.config.js:3:1)\n`),
    ],
    ['a Python file of the repository has', crashed(`${PYTHON}  File "/w/setup.py", line 3, in <module>\n`)],
    ['a file was being looked at', crashed(`${NODE}Occurred while linting /w/src/a.js:3\n`)],
    ['it found something', crashed('/w/src/a.js\n  3:1  error  Unexpected var  no-var\n')],
    ['a finding has a few lines of a stack', crashed('finding\n    at x (/w/node_modules/a/b.js:1:2)\n')],
  ])('is none where %s', (_, is) => {
    expect(is).toBe(false);
  });
});
