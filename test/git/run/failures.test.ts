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
    ['error: file write error: Disk quota exceeded\nfatal: unable to write loose object file', 'disk_full'],
    ['error: cannot fork() for filter: Resource temporarily unavailable', 'machine_exhausted'],
    ["fatal: open('/r/.git/objects/pack'): Too many open files in system", 'machine_exhausted'],
    [
      'fatal: packfile /r/p.pack cannot be mapped: Cannot allocate memory, check sys.vm.max_map_count and/or RLIMIT_DATA',
      'machine_exhausted',
    ],
    ['fatal: Out of memory, malloc failed (tried to allocate 4096 bytes)', 'machine_exhausted'],
    ['fatal: inflateInit: out of memory (no message)', 'machine_exhausted'],
    ['error: pack-objects died of signal 9', 'machine_exhausted'],
    ['fatal: unable to read tree: Connection timed out', 'disk_failure'],
    ["fatal: unable to stat '/r/.git/objects': Host is down\n", 'disk_failure'],
    ["fatal: unable to access 'https://forge/': Failed to connect: Connection timed out", 'git_failed'],
    ['ssh: connect to host forge port 22: Connection timed out', 'git_failed'],
    ["error: pathspec 'Too many open files' did not match any file(s) known to git", 'git_failed'],
    ['git@forge: Permission denied (publickey).', 'git_failed'],
    ['fatal: bad object HEAD', 'git_failed'],
  ])('A180 passing-trouble: is told by its cause: %s', (stderr, code) => {
    expect(gitFailed('commit', stderr)).toMatchObject({ code, kind: 'failed' });
  });
});
