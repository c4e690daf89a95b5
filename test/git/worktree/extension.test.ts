import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { disableWorktreeConfig, enableWorktreeConfig } from '../../../src/git/worktree/extension.ts';

const SET = '[extensions]\n\tworktreeConfig = true\n';

async function shared() {
  const commonDir = await mkdtemp(join(tmpdir(), 'df-shared-'));
  onTestFinished(() => rm(commonDir, { recursive: true }));
  await writeFile(join(commonDir, 'config'), SET);
  const ours = join(commonDir, 'dark-factory');
  await mkdir(ours);
  const settings = [{ key: 'extensions.worktreeconfig', value: 'true' }];
  const git = { config: async () => ({ settings }) } as never;
  return { commonDir, ours, git, config: () => readFile(join(commonDir, 'config'), 'utf8') };
}

// root may do all.
describe.skipIf(process.getuid?.() === 0)('in a repository that two users share', () => {
  it('the second one makes worktrees beside what the first one’s factory keeps', async () => {
    const { commonDir, ours, git } = await shared();
    // A file of root's.
    for (const name of ['config.before', 'config.after']) await symlink('/etc/passwd', join(ours, name));
    await enableWorktreeConfig(git, commonDir);
  });

  it('the second one’s last worktree goes, and leaves to the first one what its factory has to put back', async () => {
    const { commonDir, ours, git, config } = await shared();
    const before = join(ours, 'config.before');
    await writeFile(before, '');
    await chmod(before, 0o000);
    await disableWorktreeConfig(git, commonDir);
    expect(await config()).toBe(SET);
    await chmod(before, 0o600);
    await writeFile(join(ours, 'config.after'), SET);
    await disableWorktreeConfig(git, commonDir);
    expect(await config()).toBe('');
  });
});
