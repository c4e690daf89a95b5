import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { config } from '../../src/factory/config/config.ts';
import { createGitManager } from '../../src/git/manager.ts';
import { findProgram } from '../../src/lib/process/programs.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { makeRepository } from '../support/repository.ts';
import { sampleProject } from '../support/samples.ts';

/**
 * A repository, its worktree as the factory makes it, and scratch trees over both.
 *
 * @param options `setup: 'found'`: the install of the lock file; default: none; `layers: false`: as on a kernel without overlays
 */
export async function stage(
  files: Record<string, string>,
  options: {
    setup?: string | 'found';
    mode?: 'auto' | 'unshare' | 'off';
    network?: boolean;
    layers?: false;
    copy?: string[];
  } = {},
) {
  const repository = await makeRepository({ files });
  onTestFinished(() => repository.cleanup());
  const git = createGitManager({ env: repository.env });
  const base = await repository.git('rev-parse', 'HEAD');
  const data = join(repository.outside, 'data');
  const made = await createSandbox({
    config: config.parse({ sandbox: { mode: options.mode ?? 'auto' } }).sandbox,
    hidden: [data],
    hostEnv: repository.env,
  });
  onTestFinished(() => made.close());
  const sandbox = options.layers === false ? { ...made, layers: async () => false } : made;
  const make = async (id: string) => {
    const worktree = join(data, 'worktrees', id);
    await git.createWorktree({
      repository: repository.dir,
      worktree,
      branch: `df/${id}/2026-01-01`,
      commit: base,
    });
    return sampleProject({
      id,
      repository: repository.dir,
      gitDir: join(repository.dir, '.git'),
      baseCommit: base,
      worktreePath: worktree,
      settings: {
        commands: {},
        allowGateChanges: false,
        ...(options.setup === 'found' ? {} : { setup: options.setup ?? null }),
      },
    });
  };
  const project = await make('one');
  let outputs = 0;
  const state = {
    newOutput: async () => {
      outputs += 1;
      await mkdir(join(repository.outside, 'output'), { recursive: true });
      return { file: join(repository.outside, 'output', `${outputs}`), relative: `output/${outputs}` };
    },
  };
  const open = (pid = process.pid) =>
    createWorkspace({
      ...{ git, state },
      sandbox: async () => sandbox,
      config: config.parse({
        worktree: { copy: options.copy ?? [] },
        sandbox: { setupNetwork: options.network ?? false },
        gates: { timeout: '60s' },
      }),
      home: { root: data, data, setups: join(data, 'setups'), trials: join(data, 'trials') },
      now: () => new Date(),
      holder: async () => ({ host: 'here', pid, startedAt: '1' }),
      liveness: async (holder) => (holder.pid === 0 ? 'dead' : 'alive'),
      record: async () => {},
      findProgram: (name) => findProgram(name, repository.env['PATH'] ?? ''),
    });
  return {
    repository,
    git,
    state,
    base,
    data,
    sandbox,
    make,
    worktree: project.worktreePath,
    project,
    open,
    trees: open(),
    folder: join(data, 'scratch', project.id),
    setups: async () => (await readdir(join(data, 'setups'))).filter((name) => /^[0-9a-f]{40}$/.test(name)),
  };
}
