import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, MEND_SUM, scenario, sequence } from '../../support/scenario.ts';

describe('a project with git.sign', () => {
  it('pauses without the key and says why; with it, it goes on and every commit is signed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'df-signing-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const key = join(folder, 'key');
    const s = await scenario({
      config: ['git:', '  sign: ssh', `  signingKey: ${key}`],
      script: sequence([
        ...MEND_SUM.slice(0, 1),
        call('edit_file', { path: 'sum.js', old_text: 'a - b', new_text: 'a + b' }),
        call('finish', { summary: 'Done.' }),
      ]),
    });
    const { id, workBranch, baseCommit } = await s.init('signed');
    await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'paused');
    expect((await s.status(id)).project.statusReason).toMatch(
      /could not be signed with .*key.*git\.signingKey/,
    );
    expect(await s.repository.git('rev-parse', workBranch)).toBe(baseCommit);

    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    await s.df('resume', id);
    expect((await s.settles(id)).status).toBe('completed');
    const commits = (await s.repository.git('rev-list', `${baseCommit}..${workBranch}`)).split('\n');
    expect(commits[0]).toMatch(/^[0-9a-f]{40}$/);
    for (const commit of commits)
      expect(await s.repository.git('cat-file', '-p', commit)).toContain('BEGIN SSH SIGNATURE');
  });
});
