import { describe, expect, it } from 'vitest';
import { gitFailed } from '../../../src/git/run/failures.ts';

describe('what git could not do', () => {
  it.each([
    ['fatal: write error: No space left on device', 'disk_full'],
    ["fatal: Unable to create '/r/.git/index.lock': Read-only file system", 'not_permitted'],
    ['error: insufficient permission for adding an object to repository database', 'not_permitted'],
    ["fatal: could not open '/r/.git/HEAD': Permission denied", 'not_permitted'],
    ['error: unable to read sha1 file: Stale file handle', 'disk_failure'],
    ['fatal: unable to read tree: Input/output error', 'disk_failure'],
    ['git@forge: Permission denied (publickey).', 'git_failed'],
    ['fatal: bad object HEAD', 'git_failed'],
  ])('is told by its cause: %s', (stderr, code) => {
    expect(gitFailed('commit', stderr)).toMatchObject({ code, kind: 'failed' });
  });
});
