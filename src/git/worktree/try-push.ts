import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { GitManager } from '../../factory/ports.ts';
import { makeTemporaryFolder } from '../../lib/temporary-folder.ts';
import { remoteNames, setting } from '../run/config.ts';
import { complaint, expectSuccess } from '../run/failures.ts';
import { dirsOf, type Git, splitNul } from '../run/git.ts';
import { requireWorktree, type Worktree } from '../run/places.ts';
import { DEAD_URL, hooksFolder } from './push.ts';

type LayerReport = Awaited<ReturnType<GitManager['tryPush']>>[number];

interface Attempt {
  layer: string;
  /** Settings given on the command line, as an agent would. */
  config?: string[];
  flags?: string[];
  target: string;
}

const DISGUISE = 'dark-factory-doctor:';

/**
 * Really pushes, each time past the layers before, to a scratch repository that is thrown away, and to the owner's
 * remotes only where they demonstrably lead nowhere. Runs on the host, so it shows the layers that git holds; the last
 * attempt overrides them all, and what refuses that one is the sandbox alone: no network and no writable remote.
 */
export async function tryPush(git: Git, repository: string, folder: string): Promise<LayerReport[]> {
  const worktree = await requireWorktree(repository, folder);
  const { folder: scratch, close } = makeTemporaryFolder('push');
  const remote = join(scratch, 'remote.git');
  try {
    const made = await git.bare(['init', '--quiet', '--bare', '--template=', remote]);
    expectSuccess(made, 'make a scratch repository');
    const reports = await remotesLeadNowhere(git, worktree);
    const override = [`url.${remote}.pushInsteadOf=${DISGUISE}`];
    reports.push(
      await push(git, worktree, remote, { layer: 'push URL: explicit address', target: remote }),
      await push(git, worktree, remote, {
        layer: 'push URL: explicit address, --no-verify, no hooks',
        config: ['core.hooksPath=/dev/null'],
        flags: ['--no-verify'],
        target: remote,
      }),
      await hookRefuses(git, worktree, remote, override),
      await push(git, worktree, remote, {
        layer: 'sandbox only: every setting of git overridden',
        config: override,
        flags: ['--no-verify'],
        target: DISGUISE,
      }),
    );
    return reports;
  } finally {
    close();
  }
}

/** Pushes to each remote of the owner as an agent would, but only where every push URL is the dead one. */
async function remotesLeadNowhere(git: Git, worktree: Worktree): Promise<LayerReport[]> {
  const reports: LayerReport[] = [];
  const { commonDir } = worktree;
  const names = remoteNames(await git.config({ gitDir: commonDir, commonDir }));
  for (const name of names) {
    const urls = await git.worktree(worktree, ['remote', 'get-url', '--push', '--all', name]);
    const live = urls.stdout
      .toString('utf8')
      .split('\n')
      .filter((url) => url !== '' && !url.startsWith(DEAD_URL));
    if (urls.code !== 0 || live.length > 0) {
      const detail = `not tried: it would reach ${live[0] ?? complaint(urls.stderr)}`;
      reports.push({ layer: `push URL: ${name}`, refused: false, detail });
      continue;
    }
    for (const [words, config, flags] of [
      ['', [], []],
      [', --no-verify', [], ['--no-verify']],
      [', core.hooksPath=/dev/null', ['core.hooksPath=/dev/null'], []],
    ] as const)
      reports.push(
        await push(git, worktree, null, {
          layer: `push URL: ${name}${words}`,
          config: [...config],
          flags: [...flags],
          target: name,
        }),
      );
  }
  return reports;
}

async function hookRefuses(
  git: Git,
  worktree: Worktree,
  remote: string,
  override: string[],
): Promise<LayerReport> {
  const layer = 'pre-push hook';
  const inEffect = setting(await git.config(dirsOf(worktree)), 'core.hookspath');
  // Another hook is not ours to run.
  if (inEffect !== hooksFolder(worktree))
    return { layer, refused: false, detail: `not tried: core.hooksPath is ${inEffect ?? 'not set'}` };
  return push(git, worktree, remote, { layer, config: override, target: DISGUISE });
}

/** @param remote where the push would arrive; `null`: nowhere that could be looked at, the exit code decides */
async function push(
  git: Git,
  worktree: Worktree,
  remote: string | null,
  attempt: Attempt,
): Promise<LayerReport> {
  const ref = `refs/heads/df-doctor-${randomBytes(6).toString('hex')}`;
  const answer = await git.worktree(
    worktree,
    ['push', '--quiet', ...(attempt.flags ?? []), '--', attempt.target, `HEAD:${ref}`],
    {
      worktreeHooks: true,
      config: ['protocol.allow=user', ...(attempt.config ?? [])],
      variables: { GIT_ALLOW_PROTOCOL: 'file', GIT_PROTOCOL_FROM_USER: '1' },
    },
  );
  const arrived = remote === null ? answer.code === 0 : await hasRef(git, remote, ref);
  const said = complaint(answer.stderr) || `git push ended with ${answer.code}`;
  return {
    layer: attempt.layer,
    refused: !arrived,
    detail: arrived ? 'git let it pass; inside the sandbox there is no network and no writable remote' : said,
  };
}

async function hasRef(git: Git, remote: string, ref: string): Promise<boolean> {
  const dirs = { gitDir: remote, commonDir: remote };
  const refs = await git.repository(dirs, ['for-each-ref', '--format=%(refname)%00']);
  return splitNul(refs.stdout).some((name) => name.trim() === ref);
}
