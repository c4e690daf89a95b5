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
