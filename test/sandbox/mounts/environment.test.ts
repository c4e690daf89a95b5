import { describe, expect, it } from 'vitest';
import { allowed, baseEnvironment } from '../../../src/sandbox/mounts/environment.ts';

describe('the environment of commands', () => {
  const made = baseEnvironment({
    path: ['/a', '/b'],
    shell: '/bin/bash',
    toolchains: { RUSTUP_HOME: '/r' },
    host: {
      OPENAI_API_KEY: 'k',
      HOME: '/home/me',
      SSH_AUTH_SOCK: '/s',
      WANTED: 'w',
      EMPTY: '',
      LD_PRELOAD: '/x',
    },
    pass: ['WANTED', 'EMPTY', 'MISSING', 'LD_PRELOAD'],
  });

  it('holds what was chosen and what the owner lets through, nothing else of the host', () => {
    expect(made).toMatchObject({
      PATH: '/a:/b',
      HOME: '/tmp/home',
      TERM: 'dumb',
      CI: '1',
      RUSTUP_HOME: '/r',
      WANTED: 'w',
      EMPTY: '',
    });
    expect(made).toMatchObject({ GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' });
    for (const name of ['OPENAI_API_KEY', 'SSH_AUTH_SOCK', 'MISSING']) expect(made).not.toHaveProperty(name);
  });

  it('drops names that would steer the program that builds the sandbox, outside', () => {
    expect(made).not.toHaveProperty('LD_PRELOAD');
    expect(
      allowed({
        LD_AUDIT: 'x',
        DYLD_INSERT_LIBRARIES: 'x',
        GCONV_PATH: 'x',
        A_1: 'kept',
        'B-2': 'x',
        C: 'a\0b',
      }),
    ).toEqual({ A_1: 'kept' });
  });
});
