import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createGitManager } from '../../src/git/manager.ts';
import { makeTemporaryFolder, removeLeftFolders } from '../../src/lib/temporary-folder.ts';
import { type Compiled, compile } from '../support/compiled.ts';
import { processesOf } from '../support/processes/process-list.ts';
import { makeRepository, type TestRepository } from '../support/repository.ts';
import { until } from '../support/until.ts';

const MANAGER = new URL('../../src/git/manager.ts', import.meta.url);
const ROUNDS = 8;

let compiled: Compiled;
let repository: TestRepository;
beforeAll(async () => {
  compiled = await compile(MANAGER);
});
afterAll(() => compiled?.remove());
beforeEach(async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, n) => [`src/${n}.txt`, `${n}\n`.repeat(50)]),
  );
  repository = await makeRepository({ files, remote: true });
});
afterEach(() => repository.cleanup());

/** Another process that calls one method of the git manager and says `start` just before. */
async function other(call: string): Promise<ChildProcess> {
  const script = join(repository.outside, '../other.mjs');
  await writeFile(
    script,
    `import { createGitManager } from ${JSON.stringify(compiled.file(MANAGER))};
     const git = createGitManager();
     console.log('start');
     await git.${call};`,
  );
  const child = spawn(process.execPath, [script], {
    env: { ...repository.env, TMPDIR: tmpdir() },
    cwd: process.cwd(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}

/** It may have ended by itself. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

describe('a program that is killed', () => {
  it('A26: while it makes a worktree leaves nothing that keeps the next one from making it', async () => {
    const git = createGitManager({ env: repository.env });
    const commit = await repository.git('rev-parse', 'HEAD');
    const before = await readFile(join(repository.dir, '.git/config'));
    for (let round = 0; round < ROUNDS; round++) {
      const worktree = join(repository.outside, `w${round}`);
      const order = { repository: repository.dir, worktree, branch: `df/w/${round}`, commit };
      const child = await other(`createWorktree(${JSON.stringify(order)})`);
      // The interesting moments lie in the first tenths of a second.
      const killer = setTimeout(() => child.kill('SIGKILL'), Math.random() * 300);
      await ended(child);
      clearTimeout(killer);
      await git.createWorktree(order);
      expect(await git.validateWorktree(repository.dir, worktree), `round ${round}`).toBe(true);
      expect(await repository.gitIn(worktree, 'status', '--porcelain'), `round ${round}`).toBe('');
      await git.deleteWorktree(repository.dir, worktree);
    }
    expect(await readFile(join(repository.dir, '.git/config'))).toEqual(before);
    expect(await readdir(join(repository.dir, '.git'))).not.toContain('dark-factory');
    expect(await readdir(repository.outside)).toEqual([]);
  });

  it('while it merges leaves a folder that the sweep finds, and that the next merge removes', async () => {
    const git = createGitManager({ env: repository.env });
    for (const side of ['ours', 'theirs']) {
      await repository.git('switch', '--quiet', '--create', side, 'main');
      await repository.write(`src/${side}.txt`, side);
      await repository.git('add', '--all');
      await repository.git('commit', '--quiet', `--message=${side}`);
    }
    const trailers = { project: 'p', step: 'merge' };
    const sides = { repository: repository.dir, ours: 'ours', theirs: 'theirs' };
    const order = { ...sides, message: 'Merge', trailers, files: { 'docs/record.md': 'Both.\n' } };
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('df-merge-'));
    const die = async () => {
      const child = await other(`mergeCommits(${JSON.stringify(order)})`);
      while (left().length === 0 && child.exitCode === null) await turn();
      child.kill('SIGKILL');
      await ended(child);
      expect(left()).toHaveLength(1);
    };
    await die();
    expect(removeLeftFolders()).toHaveLength(1);
    await die();
    expect(await git.mergeCommits(order)).toMatchObject({ kind: 'merged' });
    expect(left()).toEqual([]);
    const mine = makeTemporaryFolder('merge');
    expect([removeLeftFolders(), left().length]).toEqual([[], 1]);
    mine.close();
  });

  it('A03 A25: while it commits leaves one commit for the step, and no lock in the way', async () => {
    const git = createGitManager({ env: repository.env });
    const commit = await repository.git('rev-parse', 'HEAD');
    const worktree = join(repository.outside, 'w');
    await git.createWorktree({ repository: repository.dir, worktree, branch: 'df/w/1', commit });
    for (let round = 0; round < ROUNDS; round++) {
      for (let file = 0; file < 200; file++)
        await writeFile(join(worktree, `src/${file}.txt`), `round ${round} ${file}\n`);
      const trailers = { project: 'p', step: `engineer/${round}/call` };
      const words = [repository.dir, worktree, `Round ${round}`, trailers].map((word) =>
        JSON.stringify(word),
      );
      const child = await other(`commitChanges(${words.join(', ')})`);
      const killer = setTimeout(() => child.kill('SIGKILL'), Math.random() * 250);
      await ended(child);
      clearTimeout(killer);
      const made = await git.commitChanges(repository.dir, worktree, `Round ${round}`, trailers);
      expect(made).toBe(await git.head(repository.dir, worktree));
      const count = await repository.gitIn(worktree, 'rev-list', '--count', `${commit}..HEAD`);
      expect(Number(count)).toBe(round + 1);
      expect(await repository.gitIn(worktree, 'status', '--porcelain')).toBe('');
    }
    await git.deleteWorktree(repository.dir, worktree);
  });

  it('while it advances a branch ends before or after it, and every file of the next round arrives', async () => {
    const git = createGitManager({ env: repository.env });
    const { dir, outside } = repository;
    const base = await repository.git('rev-parse', 'HEAD');
    const [worktree, child] = [join(outside, 'w'), join(outside, 'child')];
    await git.createWorktree({ repository: dir, worktree, branch: 'df/w/1', commit: base });
    await git.createWorktree({ repository: dir, worktree: child, branch: 'df/w/1--a', commit: base });
    await writeFile(join(dir, '.git/info/exclude'), '*.kept\n');
    await writeFile(join(worktree, 'src/mine.kept'), 'mine');
    const note = join(dir, '.git/worktrees/w/dark-factory/advance.json');
    let from = base;
    for (let round = 0; round < 2 * ROUNDS; round++) {
      for (let file = 0; file < 200; file++)
        if (file % 7 === round % 7) await rm(join(child, `src/${file}.txt`), { force: true });
        else await writeFile(join(child, `src/${file}.txt`), `round ${round} ${file}\n`.repeat(500));
      const trailers = { project: 'p', step: `engineer/${round}/call` };
      const to = (await git.commitChanges(dir, child, `Round ${round}`, trailers)) ?? '';
      const words = [dir, worktree, from, to].map((word) => JSON.stringify(word)).join(', ');
      const killed = await other(`advanceBranch(${words})`);
      // Every other time among the files themselves, with the git that writes them.
      if (round % 2 === 0) await until(() => existsSync(note) || killed.exitCode !== null);
      await wait(Math.random() * (round % 2 === 0 ? 150 : 300));
      killed.kill('SIGKILL');
      for (const { pid, command } of processesOf(worktree)) if (command.startsWith('git ')) end(pid);
      await ended(killed);
      // One that moves the branch itself goes on to its end: until then nobody could say where that stands.
      await until(() => !processesOf(join(dir, '.git')).some(({ command }) => command.startsWith('git ')));
      expect([from, to], `round ${round}`).toContain(await git.head(dir, worktree));
      expect(await git.advanceBranch(dir, worktree, from, to), `round ${round}`).toBe('advanced');
      expect(await git.head(dir, worktree)).toBe(to);
      expect(await repository.gitIn(worktree, 'status', '--porcelain')).toBe('');
      expect(await git.treeHash(dir, worktree)).toBe(await git.treeHash(dir, child));
      from = to;
    }
    expect(await readFile(join(worktree, 'src/mine.kept'), 'utf8')).toBe('mine');
    for (const each of [worktree, child]) await git.deleteWorktree(dir, each);
  });
});
