import { realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Check, fail, ok, warn } from '../../../../factory/diagnosis/check.ts';
import type { Sandbox } from '../../../../factory/ports.ts';
import { shellWord } from '../../../../factory/report/report.ts';
import { plainGit } from '../../../../git/plain.ts';
import { isFailure } from '../../../../lib/failure.ts';
import { makeTemporaryFolder } from '../../../../lib/temporary-folder.ts';
import { testSandbox } from '../../../../sandbox/mechanisms/self-test.ts';
import type { Services } from '../../../../services.ts';
import { makeScratchRepository } from '../../../trial/scratch-repository.ts';
import { cut } from '../../render/output.ts';

/** A repository of our own with a worktree as projects have it. */
interface Scratch {
  root: string;
  repository: string;
  gitDir: string;
  worktree: string;
  /** A bare repository that the scratch repository knows as `origin`. */
  remote: string;
}

const DANGER = 'An agent could publish work: start no project, and report this';

/** Tries the sandbox and a push in a scratch repository, which is removed afterwards. */
export async function checkSandboxAndPush(services: Services, env: NodeJS.ProcessEnv): Promise<Check[]> {
  const sandbox = await services.sandbox();
  const { folder, close } = makeTemporaryFolder('doctor');
  const root = await realpath(folder);
  try {
    const scratch = await prepare(root, services, env);
    return [
      await trySandbox(sandbox, env),
      ...(await tryPush(services, scratch)),
      await tryPushFromSandbox(sandbox, scratch, env),
      await tryPublish(services, scratch, env),
    ];
  } finally {
    close();
  }
}

async function prepare(root: string, { git }: Services, env: NodeJS.ProcessEnv): Promise<Scratch> {
  const repository = path.join(root, 'repository');
  const scratch = await makeScratchRepository(repository, { 'README.md': '# Scratch\n' }, env);
  const remote = path.join(root, 'remote.git');
  await scratch.raw('init', '--quiet', '--bare', remote);
  await scratch.addRemote('origin', remote);
  const { root: top, commonDir } = await git.inspectRepository(repository);
  const worktree = path.join(root, 'worktree');
  const commit = await git.resolveCommit(top, 'main');
  await git.createWorktree({ repository: top, worktree, branch: 'df/doctor', commit });
  return { root, repository: top, gitDir: commonDir, worktree, remote };
}

/** The attempts of `testSandbox`, as one line: of those that went through each one is named. */
async function trySandbox(sandbox: Sandbox, env: NodeJS.ProcessEnv): Promise<Check> {
  const { mechanism } = sandbox;
  if (mechanism === 'off') {
    return warn(
      'sandbox',
      'switched off: commands of agents run with all your rights',
      'Set sandbox.mode to auto in config.yaml',
    );
  }
  const results = await testSandbox(sandbox, env['HOME'] ?? os.homedir());
  const faults = results.filter(({ passed }) => !passed).map(({ name, detail }) => `${name}: ${detail}`);
  if (faults.length === 0) {
    return ok('sandbox', `${mechanism}: a command writes into its worktree and reaches nothing else`);
  }
  return fail(
    'sandbox',
    `${mechanism}: ${faults.join('; ')}`,
    'Choose another sandbox.mode in config.yaml, and report this',
  );
}

/** The layers that git holds on the host. The attempt that overrides all of them is the sandbox's to refuse. */
async function tryPush({ git }: Services, scratch: Scratch): Promise<Check[]> {
  const layers = await git.tryPush(scratch.repository, scratch.worktree);
  return layers
    .filter(({ layer }) => !layer.startsWith('sandbox only'))
    .map(({ layer, refused, detail }) =>
      refused
        ? ok('push', `refused: ${layer}`)
        : fail('push', `NOT refused: ${layer}: ${cut(detail, 200)}`, DANGER),
    );
}

/** What an agent could try at most: every setting of git overridden, no hooks, a remote in plain sight. */
async function tryPushFromSandbox(
  sandbox: Sandbox,
  scratch: Scratch,
  env: NodeJS.ProcessEnv,
): Promise<Check> {
  const { remote, worktree, gitDir, root } = scratch;
  const settings = `-c core.hooksPath=/dev/null -c url.${shellWord(remote)}.pushInsteadOf=escape:`;
  await sandbox.run({
    command: `git ${settings} push --no-verify escape: HEAD:refs/heads/escaped`,
    worktree,
    gitDir,
    timeoutMs: 10_000,
    outputFile: path.join(root, 'push-output.txt'),
  });
  const arrived = await plainGit(remote, env).raw('for-each-ref', '--format=%(refname)');
  const layer = `sandbox (${sandbox.mechanism}), every setting of git overridden`;
  if (arrived === '') return ok('push', `refused: ${layer}`);
  return sandbox.mechanism === 'off'
    ? warn('push', `NOT refused: ${layer}`, 'Set sandbox.mode to auto in config.yaml')
    : fail('push', `NOT refused: ${layer}`, DANGER);
}

/** The one way out, which is the owner's (`df publish`): from the repository itself, to a branch of the factory's and no other. */
async function tryPublish(
  { git }: Services,
  { repository, remote }: Scratch,
  env: NodeJS.ProcessEnv,
): Promise<Check> {
  await plainGit(repository, env).raw('push', '--quiet', remote, 'main');
  const commit = await git.resolveCommit(repository, 'df/doctor');
  const target = { remote: 'origin', url: remote, base: 'main' };
  const push = (branch: string) => git.pushBranch({ ...target, repository, branch, commit });
  const refused = await push('main').catch((error: unknown) => isFailure(error, 'push_refused'));
  if (refused !== true) return fail('publish', 'NOT refused: a push to the base branch', DANGER);
  const { pushed } = await push('df/doctor');
  const detail = 'df publish can push branches that begin with df/ from the host, and refuses every other';
  return pushed ? ok('publish', detail) : fail('publish', 'a branch did not arrive', 'Please report this');
}
