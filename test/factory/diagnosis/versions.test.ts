import { describe, expect, it } from 'vitest';
import { isOlder, judgeVersions } from '../../../src/factory/diagnosis/versions.ts';

describe('workers of several versions', () => {
  it('are nothing to speak of when all are of this one, or none runs', () => {
    expect(judgeVersions('0.2.0', { '0.2.0': 3 })).toBeNull();
    expect(judgeVersions('0.2.0', {})).toBeNull();
  });

  it('are named with their numbers; the older ones are to be replaced', () => {
    expect(judgeVersions('0.10.0', { '0.10.0': 2, '0.9.0': 1, unknown: 1 })).toEqual({
      problem:
        'workers of another version than this program (0.10.0) are connected: 1 of unknown, 1 of 0.9.0, 2 of 0.10.0',
      remedy: expect.stringMatching(
        /^Start workers of 0\.10\.0 and end those of 0\.9\.0 and unknown with SIGTERM/,
      ),
    });
  });

  it('newer than this program ask for an upgrade of it', () => {
    expect(judgeVersions('0.1.0', { '0.2.0': 1 })?.remedy).toBe('Upgrade this program to 0.2.0.');
    expect(judgeVersions('0.1.0', { '0.1.0': 1, '0.2.0': 1 })?.remedy).toMatch(
      /^Upgrade this program to 0\.2\.0\. Start workers of 0\.2\.0 and end those of 0\.1\.0 /,
    );
  });

  it.each([
    ['0.9.0', '0.10.0'],
    ['1.0.0-rc.2', '1.0.0-rc.10'],
    ['1.0.0-rc.1', '1.0.0'],
    ['unknown', '0.0.1'],
  ])('%s is older than %s', (a, b) => {
    expect([isOlder(a, b), isOlder(b, a), isOlder(a, a)]).toEqual([true, false, false]);
  });
});
