import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { config } from '../../src/factory/config.ts';
import { copyFiles } from '../../src/workers/gates/copies.ts';

describe('files that a new worktree gets', () => {
  it('are copied from the checkout, through no link; what is not there is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'df-copies-'));
    try {
      const [repository, worktreePath, outside] = ['checkout', 'worktree', 'outside'].map((name) =>
        join(folder, name),
      ) as [string, string, string];
      for (const each of [repository, worktreePath, outside]) await mkdir(each);
      await mkdir(join(repository, 'app'));
      await writeFile(join(repository, '.env'), 'A=1\n');
      await writeFile(join(repository, 'app/.env'), 'B=2\n');
      await symlink(outside, join(worktreePath, 'app'));
      const told: string[] = [];
      const services = {
        config: config.parse({ worktree: { copy: ['.env', 'app/.env', 'nowhere/.env'] } }),
        record: async ({ message }: { message: string }) => {
          told.push(message);
        },
      };
      await copyFiles(services, { id: 'p', repository, worktreePath });
      expect(await readFile(join(worktreePath, '.env'), 'utf8')).toBe('A=1\n');
      expect(await readFile(join(worktreePath, 'app/.env'), 'utf8')).toBe('B=2\n');
      expect(await readdir(outside)).toEqual([]);
      expect(told).toEqual([expect.stringContaining('no such file: nowhere/.env.')]);
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
