import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { config } from '../../../src/factory/config/config.ts';
import { createGitManager } from '../../../src/git/manager.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

let repository: TestRepository;
let base: string;
let worktree: string;
let key: string;
let signers: string;
const branch = 'df/a/2026-11-22';

beforeEach(async () => {
  repository = await makeRepository({ files: { 'a.txt': 'a\n' } });
  base = await repository.git('rev-parse', 'HEAD');
  worktree = join(repository.outside, 'w');
  key = join(repository.outside, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'owner', '-f', key]);
  signers = join(repository.outside, 'signers');
  await writeFile(signers, `* ${await readFile(`${key}.pub`, 'utf8')}`);
  await manager().createWorktree({ repository: repository.dir, worktree, branch, commit: base });
});
afterEach(() => repository.cleanup());

function manager(git?: z.input<typeof config>['git'], env: Record<string, string> = {}) {
  const signing = git === undefined ? {} : { signing: config.parse({ git }).git };
  return createGitManager({ env: { ...repository.env, ...env }, ...signing });
}

let calls = 0;
async function commit(git: ReturnType<typeof manager>, text = 'changed\n') {
  calls += 1;
  await writeFile(join(worktree, 'a.txt'), `${text}${calls}`);
  const trailers = { project: 'p', step: `engineer/1/${calls}` };
  const made = await git.commitChanges(repository.dir, worktree, 'Work', trailers);
  if (made === null) throw new Error('nothing was committed');
  return made;
}
const verify = (made: string, allowed = signers) =>
  repository.git('-c', `gpg.ssh.allowedSignersFile=${allowed}`, 'verify-commit', '--raw', made);
const signatureOf = async (made: string) => /^gpgsig/m.test(await repository.git('cat-file', '-p', made));

describe('git.sign: ssh', () => {
  it('signs commits and merges so that git verifies them with that key, and with no other', async () => {
    const git = manager({ sign: 'ssh', signingKey: key });
    const ours = await commit(git);
    await verify(ours);
    const other = join(repository.outside, 'others');
    const stranger = join(repository.outside, 'stranger');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
    await writeFile(other, `* ${await readFile(`${stranger}.pub`, 'utf8')}`);
    await expect(verify(ours, other)).rejects.toThrow();

    await repository.write('b.txt', 'b\n');
    await repository.git('add', '-A');
    await repository.git('commit', '-q', '-m', 'On main');
    const theirs = await repository.git('rev-parse', 'HEAD');
    const order = {
      repository: repository.dir,
      ours,
      theirs,
      message: 'Merge',
      trailers: { project: 'p', step: 's' },
    };
    const merged = await git.mergeCommits(order);
    if (merged.kind !== 'merged') throw new Error('no merge');
    await verify(merged.commit);
    expect(await repository.git('rev-parse', `${merged.commit}^1`)).toBe(ours);
  });

  it('a step that finds its signed commit after a crash makes no other one', async () => {
    const git = manager({ sign: 'ssh', signingKey: key });
    const made = await commit(git);
    await writeFile(join(worktree, 'a.txt'), 'more\n');
    const trailers = { project: 'p', step: `engineer/1/${calls}` };
    expect(await git.commitChanges(repository.dir, worktree, 'Work', trailers)).toBe(made);
  });

  it('takes key and program from the settings alone, whatever the repository says', async () => {
    const evil = join(repository.outside, 'evil');
    const trace = join(repository.outside, 'trace');
    await writeFile(evil, `#!/bin/sh\ntouch ${trace}\nexit 1\n`);
    await chmod(evil, 0o755);
    for (const name of ['gpg.program', 'gpg.openpgp.program', 'gpg.ssh.program', 'gpg.ssh.defaultKeyCommand'])
      await repository.git('config', name, evil);
    await repository.git('config', 'gpg.format', 'openpgp');
    await repository.git('config', 'user.signingKey', '/nowhere');
    await repository.git('config', 'commit.gpgSign', 'true');
    const made = await commit(manager({ sign: 'ssh', signingKey: key }));
    expect(await signatureOf(await commit(manager()))).toBe(false);
    expect(await signatureOf(made)).toBe(true);
    await expect(stat(trace)).rejects.toThrow('ENOENT');
    await repository.git('config', '--unset', 'gpg.ssh.program');
    await verify(made);
  });

  it('a key that is missing, asks for a passphrase, or a missing program is an error, and nothing is committed', async () => {
    const locked = join(repository.outside, 'locked');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', locked]);
    const refused: z.input<typeof config>['git'][] = [
      { sign: 'ssh', signingKey: join(repository.outside, 'no-key') },
      { sign: 'ssh', signingKey: locked },
      { sign: 'ssh', signingKey: key, signingProgram: '/no/such/program' },
      { sign: 'openpgp', signingKey: 'nobody@nowhere' },
    ];
    for (const settings of refused) {
      await expect(commit(manager(settings))).rejects.toMatchObject({
        kind: 'environment',
        code: 'signing_failed',
        hint: expect.stringContaining('git.signingKey'),
      });
      expect(await repository.git('rev-parse', branch)).toBe(base);
    }
    expect(await signatureOf(await commit(manager()))).toBe(false);
  });
});

const hasGpg = (() => {
  try {
    execFileSync('gpg', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // not installed here
  }
})();

describe.runIf(hasGpg)('git.sign: openpgp', () => {
  it('signs commits with a key of the owner’s key ring', async () => {
    // Short: the socket of gpg's agent lies in it.
    const GNUPGHOME = join(repository.outside, 'g');
    await mkdir(GNUPGHOME, { mode: 0o700 });
    const env = { ...repository.env, GNUPGHOME };
    const gpg = (...args: string[]) => execFileSync('gpg', ['--batch', ...args], { env, stdio: 'pipe' });
    try {
      gpg('--passphrase', '', '--quick-generate-key', 'owner@example.org', 'ed25519', 'sign', 'never');
      const made = await commit(manager({ sign: true, signingKey: 'owner@example.org' }, { GNUPGHOME }));
      execFileSync('git', ['verify-commit', made], { cwd: repository.dir, env, stdio: 'pipe' });
    } finally {
      execFileSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' });
    }
  });
});

describe('the settings', () => {
  it('without a key, or with a relative path, are refused by name', () => {
    for (const git of [{ sign: true }, { sign: 'ssh', signingKey: 'id_ed25519' }]) {
      const parsed = config.safeParse({ git });
      expect(parsed.error?.issues[0]?.path).toEqual(['git', 'signingKey']);
    }
  });
});
