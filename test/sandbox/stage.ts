/** A real repository with a worktree as projects have it, and a real sandbox around its commands. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, config } from '../../src/factory/config/config.ts';
import type { CommandRequest, CommandResult, FileOutcome } from '../../src/factory/ports.ts';
import { createSandbox, type HostSandbox } from '../../src/sandbox/sandbox.ts';
import { processesOf } from '../support/processes/process-list.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';

export interface Stage {
  sandbox: HostSandbox;
  repository: TestRepository;
  gitDir: string;
  /** Stands in for `$DF_HOME`; holds the worktree. */
  home: string;
  worktree: string;
  /** A name that only processes of this stage carry, in their arguments: the worktree's. */
  mark: string;
  outputFile: string;
  run(command: string, more?: Partial<CommandRequest>): Promise<CommandResult>;
  readFile(path: string, maxBytes?: number): Promise<FileOutcome<string>>;
  writeFile(path: string, content: string): Promise<FileOutcome<void>>;
  /** Processes that name the stage in arguments, environment or working folder. */
  processes(): { pid: number; command: string }[];
  cleanup(): Promise<void>;
}

export interface StageOptions {
  sandbox?: Partial<Config['sandbox']>;
  files?: Record<string, string>;
  remote?: boolean;
  userHome?: string;
  hostEnv?: Record<string, string>;
  gitSettings?: { key: string; value: string }[];
}

export async function makeStage(options: StageOptions = {}): Promise<Stage> {
  const repository = await makeRepository({
    files: options.files ?? { 'README.md': '# Test\n', 'src/a.txt': 'one\n' },
    ...(options.remote ? { remote: true } : {}),
  });
  const home = await realpath(await mkdtemp(join(tmpdir(), 'df-home-')));
  const worktree = join(home, 'data', 'worktrees', 'p1');
  await mkdir(join(home, 'data', 'worktrees'), { recursive: true });
  await repository.git('worktree', 'add', '--quiet', '-b', 'df/test', worktree);
  const gitDir = join(repository.dir, '.git');
  const sandbox = await createSandbox({
    config: { ...config.parse({}).sandbox, ...options.sandbox },
    hidden: [home],
    ...(options.gitSettings ? { gitSettings: options.gitSettings } : {}),
    ...(options.userHome ? { userHome: options.userHome } : {}),
    ...(options.hostEnv ? { hostEnv: options.hostEnv } : {}),
  });
  const outputFile = join(home, 'output');
  return {
    sandbox,
    repository,
    gitDir,
    home,
    worktree,
    mark: worktree,
    outputFile,
    run: (command, more = {}) =>
      sandbox.run({ command, worktree, gitDir, timeoutMs: 60_000, outputFile, ...more }),
    readFile: (path, maxBytes = 1_000_000) => sandbox.readFile(worktree, gitDir, path, maxBytes),
    writeFile: (path, content) => sandbox.writeFile(worktree, gitDir, path, content),
    processes: () => processesOf(worktree),
    async cleanup() {
      sandbox.close();
      await rm(home, { recursive: true, force: true });
      await repository.cleanup();
    },
  };
}
