import { describe, expect, it } from 'vitest';
import { setupAdvice } from '../../../../src/factory/gates/ecosystems/setup-advice.ts';

describe('the advice after a failed set-up', () => {
  it('names --ignore-scripts where a script that the install runs failed', () => {
    for (const [command, output] of [
      ['npm ci', '> prepare\n> exit 3\n\nnpm error code 3\nnpm error path /a\nnpm error command failed\n'],
      [
        'npm install --package-lock',
        'npm ERR! code ELIFECYCLE\nnpm ERR! errno 1\nnpm ERR! a@1 prepare: `tsc`',
      ],
      ['pnpm install --frozen-lockfile', '. prepare$ exit 3\n. prepare: Failed\n ELIFECYCLE  Command failed'],
      ['yarn install --frozen-lockfile', '$ exit 3\nerror Command failed with exit code 3.'],
      ['bun install', 'error: prepare script from "a" exited with 3'],
    ] as const)
      expect(setupAdvice(command, { exitCode: 3, output }), command).toMatch(
        /--setup ".*install|ci --ignore-scripts/,
      );
  });

  it('names --legacy-peer-deps where versions do not go together', () => {
    const output = 'npm error code ERESOLVE\nnpm error ERESOLVE could not resolve\n';
    expect(setupAdvice('npm install --package-lock', { exitCode: 1, output })).toContain(
      '--setup "npm install --legacy-peer-deps --package-lock"',
    );
  });

  it('names the program that the machine does not have', () => {
    expect(setupAdvice('uv sync --frozen', { exitCode: 127, output: 'sh: 1: uv: not found' })).toMatch(
      /no uv/,
    );
  });

  it('is silent where the output has to tell', () => {
    expect(
      setupAdvice('npm ci', { exitCode: 1, output: 'npm error code EUSAGE\nnpm error not in sync' }),
    ).toBeNull();
  });
});
