import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findCaches } from '../../../src/sandbox/mounts/caches.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'df-caches-')));
});
afterEach(() => rm(root, { recursive: true }));

test('A173 login-beside: of a package manager’s folder in the home the packages are lent alone', async () => {
  const home = join(root, 'me');
  for (const path of ['gem/credentials', 'gem/ruby/3.1.0/gems/a/a.rb', 'gem/specs/x']) {
    const file = join(home, '.local/share', path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'x');
  }
  const { mounts } = await findCaches(home, join(root, 'private'), []);
  expect(mounts).toEqual([
    {
      kind: 'read-only',
      source: join(home, '.local/share/gem/ruby'),
      target: '/tmp/home/.local/share/gem/ruby',
    },
  ]);
});
