import { describe, expect, it } from 'vitest';
import { meets, unmeetable } from '../../../../src/factory/gates/run/exit-code.ts';

describe('an exit code that is asked for', () => {
  it.each([0, 1, 2, 100, 124, 128, 255])('%i is met by a command that ended with it', (code) => {
    expect(meets({ ended: 'exit', exitCode: code }, code)).toBe(true);
    expect(unmeetable(code)).toBeNull();
  });

  it.each([
    [126, 'could not be started'],
    [127, 'was not found'],
    [129, 'SIGHUP'],
    [134, 'SIGABRT'],
    [137, 'SIGKILL'],
    [139, 'SIGSEGV'],
    [143, 'SIGTERM'],
    [192, 'signal 64'],
  ])('A97 %i is met by nothing, for a shell reports it as well', (code, why) => {
    expect(meets({ ended: 'exit', exitCode: code }, code)).toBe(false);
    expect(unmeetable(code)).toContain(why);
  });

  it('is not met by a limit or an interruption', () => {
    for (const ended of ['timeout', 'memory', 'aborted', 'disk', 'processes'] as const)
      expect(meets({ ended, exitCode: 1 }, 1)).toBe(false);
  });
});
