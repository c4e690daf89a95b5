import { describe, expect, it } from 'vitest';
import { gitEnvironment } from '../../../src/git/run/environment.ts';

describe('gitEnvironment', () => {
  it('keeps nothing of the outside that could change what git reads, writes or runs', () => {
    const environment = gitEnvironment({
      PATH: '/usr/bin',
      HOME: '/home/me',
      GIT_DIR: '/elsewhere',
      GIT_INDEX_FILE: '/elsewhere/index',
      GIT_EXTERNAL_DIFF: 'evil',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_PARAMETERS: "'core.pager=evil'",
      GIT_SSH: 'evil',
      LD_PRELOAD: 'evil.so',
      OPENAI_API_KEY: 'sk-secret',
    });
    expect(JSON.stringify(environment)).not.toMatch(/evil|elsewhere|secret|COUNT/);
    expect(environment).toMatchObject({ HOME: '/home/me', PATH: '/usr/bin', GIT_TERMINAL_PROMPT: '0' });
  });

  it('keeps the place of the owner’s configuration', () => {
    expect(gitEnvironment({ GIT_CONFIG_GLOBAL: '/x', XDG_CONFIG_HOME: '/y' })).toMatchObject({
      GIT_CONFIG_GLOBAL: '/x',
      XDG_CONFIG_HOME: '/y',
    });
  });

  it('looks for programs in absolute folders only', () => {
    expect(gitEnvironment({ PATH: '.:/usr/bin::bin:/bin' })['PATH']).toBe('/usr/bin:/bin');
    expect(gitEnvironment({})['PATH']).toBe('/usr/local/bin:/usr/bin:/bin');
  });
});
