import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startByShells } from '../../src/git/start/shells.ts';
import type { Listener } from '../../src/git/start/start.ts';

const execute = promisify(execFile);

export interface TestRepository {
  /** Top folder of the checkout. */
  dir: string;
  /** A folder of this repository's own, outside the checkout; goes with `cleanup`. */
  outside: string;
  /** Environment for children (`df`, git, `createGitManager({ env })`): own git config, own HOME, plain PATH. */
  env: Record<string, string>;
  /** The file that stands in for `~/.gitconfig`. */
  globalConfig: string;
  /** Bare repository known as `origin`, where one was asked for. */
  remoteDir?: string;
  /** Runs git in the checkout, answers with its output without the last line end; throws when git fails. */
  git(...args: string[]): Promise<string>;
  /** The same in another folder, for example a worktree. */
  gitIn(folder: string, ...args: string[]): Promise<string>;
  write(path: string, content: string): Promise<void>;
  cleanup(): Promise<void>;
}

export interface RepositoryOptions {
  /** Path to content, committed as the first commit. Default: one README.md. `{}`: no commit. */
  files?: Record<string, string>;
  branch?: string;
  /** Makes a bare `origin` that holds the branch. */
  remote?: boolean;
}

/** Throws what git said, with its exit `code`. */
function outputOf(start: (listener: Listener) => void, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
    start({
      output: (chunk) => stdout.push(chunk),
      words: (chunk) => stderr.push(chunk),
      failed: reject,
      ended(code) {
        if (code === 0) return resolve(text(stdout).replace(/\n$/, ''));
        const said = { code, stdout: text(stdout), stderr: text(stderr) };
        reject(Object.assign(new Error(`git ${args.join(' ')} failed: ${said.stderr}`), said));
      },
    });
  });
}

/** Nobody tidies up after a commit: that would be two processes for each. */
const OWNERS_CONFIG =
  '[user]\n\tname = Test Owner\n\temail = owner@example.test\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n';

/** A real repository in a temporary folder that neither reads nor writes the machine's own git configuration. */
export async function makeRepository(options: RepositoryOptions = {}): Promise<TestRepository> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'df-repository-')));
  const dir = join(root, 'checkout');
  const outside = join(root, 'outside');
  const home = join(root, 'home');
  await Promise.all([dir, outside, home].map((folder) => mkdir(folder)));
  const globalConfig = join(home, '.gitconfig');
  await writeFile(globalConfig, OWNERS_CONFIG);
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: home,
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
  const start = startByShells(env);
  const gitIn = (folder: string, ...args: string[]): Promise<string> =>
    outputOf((listener) => start(['-C', folder, ...args], {}, listener), args);
  const git = (...args: string[]) => gitIn(dir, ...args);
  const write = async (path: string, content: string) => {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  };
  const branch = options.branch ?? 'main';
  const files = options.files ?? { 'README.md': '# A repository\n' };
  for (const [path, content] of Object.entries(files)) await write(path, content);
  const remoteDir = join(root, 'remote.git');
  const hasFiles = Object.keys(files).length > 0;
  // By one shell: this process is large, and is copied for each program that it starts.
  const steps = [
    'git init --quiet --initial-branch="$1"',
    ...(hasFiles ? ['git add --all', 'git commit --quiet --message=First'] : []),
    ...(options.remote
      ? ['git init --quiet --bare --initial-branch="$1" "$2"', 'git remote add origin "$2"']
      : []),
    ...(options.remote && hasFiles ? ['git push --quiet origin "$1"'] : []),
  ];
  await execute('sh', ['-c', steps.join(' && '), 'sh', branch, remoteDir], { cwd: dir, env });
  return {
    dir,
    outside,
    env,
    globalConfig,
    ...(options.remote ? { remoteDir } : {}),
    git,
    gitIn,
    write,
    cleanup: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}
