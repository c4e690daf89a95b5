import { expect, it } from 'vitest';
import { writeCommit } from '../../../src/git/commit/signing.ts';
import { DarkFactoryError } from '../../../src/lib/failure.ts';

it('a signing program that never ends, as one that asks for a passphrase, is for the owner to mend', async () => {
  const slow = new DarkFactoryError('failed', 'git_timeout', 'git commit-tree took longer than 60 s', '');
  const write = (signing: Parameters<typeof writeCommit>[1]) =>
    writeCommit(() => Promise.reject(slow), signing, ['tree'], {});
  await expect(write({ key: '/key', config: [], variables: {} })).rejects.toMatchObject({
    kind: 'environment',
    code: 'signing_failed',
    message: expect.stringContaining('/key'),
  });
  await expect(write(null)).rejects.toBe(slow);
});

it('A180 signing: a disk or a machine that has nothing left is no fault of the key, and a key that may not be read is', async () => {
  const signing = { key: '/key', config: [], variables: {} };
  const write = (stderr: string) =>
    writeCommit(async () => ({ code: 128, stdout: Buffer.alloc(0), stderr }), signing, ['tree'], {});
  const passing = [
    ['error: unable to create temporary file: Read-only file system', 'not_permitted'],
    ['error: unable to write file: Stale file handle', 'disk_failure'],
    ['error: cannot fork() for ssh-keygen: Resource temporarily unavailable', 'machine_exhausted'],
    ['error: unable to write file: Disk quota exceeded', 'disk_full'],
  ] as const;
  for (const [stderr, code] of passing) await expect(write(stderr)).rejects.toMatchObject({ code });
  for (const stderr of ['error: Load key "/key": Permission denied', 'error: gpg failed to sign the data'])
    await expect(write(stderr)).rejects.toMatchObject({ code: 'signing_failed' });
});
