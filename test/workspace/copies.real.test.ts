import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { filesToCopy } from '../../src/workspace/worktree/copies.ts';

describe('files that a new worktree gets', () => {
  it('are read from the checkout; what is not there is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'df-copies-'));
    try {
      await mkdir(join(folder, 'app'));
      await writeFile(join(folder, '.env'), 'A=1\n');
      await writeFile(join(folder, 'app/.env'), 'B=2\n');
      const paths = ['.env', 'app/.env', 'nowhere/.env'];
      const { files, missing } = await filesToCopy(paths, { repository: folder });
      expect(files.map(({ path, content }) => `${path} ${content}`)).toEqual([
        '.env A=1\n',
        'app/.env B=2\n',
      ]);
      expect(missing).toEqual(['nowhere/.env']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it.each(['/etc/passwd', '../x', 'a/../../x', '.git/config', 'a/.git', '', 'a/', './a', 'a//b'])(
    'are never %j',
    (path) => {
      expect(config.safeParse({ worktree: { copy: [path] } }).success).toBe(false);
    },
  );

  it.each(['.env', 'app/.env', '.gitconfig', '..env', 'a.git/b'])('may be %j', (path) => {
    expect(config.safeParse({ worktree: { copy: [path] } }).success).toBe(true);
  });
});
