import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { CommandResult, Sandbox } from '../../factory/ports.ts';
import { makeTemporaryFolder } from '../../lib/temporary-folder.ts';
import { shellQuote } from '../../lib/text/shell-quote.ts';
import { marked } from '../run/kill.ts';

export interface SelfTestResult {
  name: string;
  passed: boolean;
  detail: string;
}

interface Stage {
  worktree: string;
  gitDir: string;
  /** A file outside, which commands try to change and to read. */
  outside: string;
  folder: string;
}

const TIMEOUT = 10_000;
const SHORT_TIMEOUT = 300;
const MARK = 'DF_SELF_TEST';

/**
 * Tries to break out of the sandbox in the ways an agent might, in a made-up worktree: for `df doctor`.
 *
 * @param userHome whose contents must not be visible
 */
export async function testSandbox(sandbox: Sandbox, userHome: string): Promise<SelfTestResult[]> {
  const { folder, close } = makeTemporaryFolder('self-test');
  try {
    const stage = await prepare(folder);
    const run = (
      command: string,
      timeoutMs = TIMEOUT,
      env: Record<string, string> = {},
    ): Promise<CommandResult> =>
      sandbox.run({
        command,
        worktree: stage.worktree,
        gitDir: stage.gitDir,
        timeoutMs,
        env,
        outputFile: join(folder, 'output'),
      });
    return [
      await testWorktree(run),
      await testWriteOutside(run, stage),
      await testRead(run, stage, userHome),
      await testGitDir(run, stage),
      await testNetwork(run),
      await testKill(run),
    ];
  } finally {
    close();
  }
}

type Run = (command: string, timeoutMs?: number, env?: Record<string, string>) => Promise<CommandResult>;

async function prepare(folder: string): Promise<Stage> {
  const [worktree, gitDir] = [join(folder, 'worktree'), join(folder, 'repository')];
  const own = join(gitDir, 'worktrees', 'worktree');
  await mkdir(own, { recursive: true });
  await mkdir(worktree);
  await writeFile(join(worktree, '.git'), `gitdir: ${own}\n`);
  await writeFile(join(gitDir, 'config'), '');
  const outside = join(folder, 'outside');
  await writeFile(outside, 'untouched');
  return { worktree, gitDir, outside, folder };
}

async function testWorktree(run: Run): Promise<SelfTestResult> {
  const { exitCode, output } = await run('echo written > file && cat file');
  const passed = exitCode === 0 && output === 'written\n';
  return {
    name: 'worktree',
    passed,
    detail: passed ? 'can be written' : `cannot be written: ${output.trim()}`,
  };
}

async function testWriteOutside(run: Run, { outside, folder }: Stage): Promise<SelfTestResult> {
  const planted = join(folder, 'planted');
  await run(`echo changed > ${shellQuote(outside)}; echo planted > ${shellQuote(planted)}`);
  const passed =
    (await readFile(outside, 'utf8')) === 'untouched' && !(await readdir(folder)).includes('planted');
  return {
    name: 'write outside',
    passed,
    detail: passed ? 'refused' : 'a command changed a file outside its worktree',
  };
}

async function testRead(run: Run, { outside }: Stage, userHome: string): Promise<SelfTestResult> {
  const inHome = await readdir(userHome).catch(() => []);
  const secrets = inHome.filter((name) =>
    /^\.(ssh|aws|gnupg|netrc|npmrc|bashrc|profile|gitconfig|config)$/.test(name),
  );
  const tried = [outside, ...secrets.map((name) => join(userHome, name))];
  const { output } = await run(
    tried.map((path) => `[ -e ${shellQuote(path)} ] && echo seen:${shellQuote(path)}`).join('; '),
  );
  const seen = output.split('\n').filter((line) => line.startsWith('seen:'));
  const detail = seen.length === 0 ? `${tried.length} places outside are not there` : seen.join(', ');
  return { name: 'read outside', passed: seen.length === 0, detail };
}

async function testGitDir(run: Run, { worktree, gitDir }: Stage): Promise<SelfTestResult> {
  const before = await readFile(join(worktree, '.git'), 'utf8');
  await run(
    `echo planted >> ${shellQuote(join(gitDir, 'config'))}; rm -f .git; mv .git moved; echo x > .git`,
  );
  const config = await readFile(join(gitDir, 'config'), 'utf8');
  const passed = config === '' && (await readFile(join(worktree, '.git'), 'utf8')) === before;
  // Without a sandbox it did succeed; the tests that follow need a worktree.
  if (!passed) await writeFile(join(worktree, '.git'), before);
  return {
    name: 'git',
    passed,
    detail: passed ? 'read-only' : 'a command changed the repository or its pointer',
  };
}

async function testNetwork(run: Run): Promise<SelfTestResult> {
  const server = createServer((socket) => socket.destroy());
  const port = await listen(server);
  try {
    const connect = `const s=require('net').connect(${port},'127.0.0.1',()=>{console.log('connected');process.exit()});s.on('error',()=>process.exit())`;
    const { output } = await run(
      `(exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null && echo connected; node -e ${shellQuote(connect)}`,
    );
    const passed = !output.includes('connected');
    return {
      name: 'network',
      passed,
      detail: passed ? 'the host is unreachable' : 'a command reached a port of the host',
    };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

async function testKill(run: Run): Promise<SelfTestResult> {
  const id = `${process.pid}-${Date.now()}`;
  const { ended } = await run('setsid sleep 600 & sleep 600 & sleep 600', SHORT_TIMEOUT, { [MARK]: id });
  const left = marked(`${MARK}=${id}`);
  const passed = ended === 'timeout' && left.length === 0;
  const detail = passed
    ? 'all processes end with their command'
    : `ended by ${ended}, ${left.length} processes left`;
  return { name: 'end of a command', passed, detail };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
