import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Project } from '../../src/factory/model/project.ts';
import { sharedHouse } from '../support/house.ts';
import type { Turn } from '../support/model.ts';
import { call, MEND_SUM, type Scenario, scenario, sequence } from '../support/scenario.ts';
import { until } from '../support/until.ts';

const MEND = MEND_SUM[2] as ReturnType<typeof call>;
const finish = call('finish', { summary: 'add adds.' });

/** What was told to the agent by tools. */
const results = (turn: Turn | undefined): string[] =>
  (turn?.conversation ?? []).filter(({ role }) => role === 'tool').map(({ text }) => text);

describe('what somebody removes by hand while a project works', () => {
  const house = sharedHouse({});

  /** Does something by hand when the agent has asked for its second step: its first one is committed. */
  async function interrupted(name: string, act: (project: Project) => void): Promise<Project> {
    let done = false;
    const script = sequence([
      MEND,
      call('commit', { message: 'Add' }),
      () => {
        if (!done) act(project);
        done = true;
        return call('bash', { command: 'grep -c "a + b" sum.js' });
      },
      finish,
    ]);
    const project = await house.make(name, script);
    await house.s.df('start', project.id);
    return project;
  }

  it('A26: a worktree is made again from its branch, and the work goes on to its end', async () => {
    const { id } = await interrupted('no worktree', ({ worktreePath }) =>
      rmSync(worktreePath, { recursive: true, force: true }),
    );
    const ended = await house.s.settles(id);
    expect(ended.status, ended.statusReason).toBe('completed');
    expect((await house.s.events(id)).map(({ type }) => type)).toContain('worktree.lost');
  });

  it('A26: a branch is made again at its last commit', async () => {
    const { id } = await interrupted('no branch', ({ repository, workBranch }) =>
      execFileSync('git', ['-C', repository, 'update-ref', '-d', `refs/heads/${workBranch}`]),
    );
    const ended = await house.s.settles(id);
    expect(ended.status, ended.statusReason).toBe('completed');
    expect(await house.s.repository.git('show', `${ended.workBranch}:sum.js`)).toContain('a + b');
  });

  it('A134: with a slip of the pen in providers.yaml it waits, and goes on by itself once the file is mended', async () => {
    const file = join(house.s.home, 'providers.yaml');
    const good = readFileSync(file);
    const { id } = await interrupted('slip', () => writeFileSync(file, 'providers: [\n'));
    const waits = ({ waiting }: Project) => waiting?.for === 'provider';
    const { status, waiting } = await house.s
      .when(id, 'waiting', waits)
      .finally(() => writeFileSync(file, good));
    expect([status, waiting?.detail]).toEqual(['active', expect.stringContaining('providers.yaml')]);
    const ended = await house.s.settles(id);
    expect(ended.status, ended.statusReason).toBe('completed');
  });

  it('A26: with branch and worktree gone the project waits for its owner, who is told what to make again', async () => {
    let commit = '';
    const { id, workBranch } = await interrupted('neither', (project) => {
      const git = (...args: string[]) => execFileSync('git', ['-C', project.repository, ...args]);
      commit = git('rev-parse', project.workBranch).toString().trim();
      git('worktree', 'remove', '--force', project.worktreePath);
      git('branch', '-D', project.workBranch);
    });
    const paused = await house.s.reaches(id, 'paused');
    expect(paused.statusReason).toContain(`git branch ${workBranch}`);
    expect(await house.s.repository.git('fsck', '--lost-found')).toContain(`dangling commit ${commit}`);
    await house.s.repository.git('branch', workBranch, commit);
    await house.s.df('resume', id);
    const ended = await house.s.settles(id);
    expect(ended.status, ended.statusReason).toBe('completed');
  });
});

describe('A88: what was changed in a worktree whose protection somebody removed', () => {
  const unprotect = (repository: string, id: string) =>
    rmSync(join(repository, '.git/worktrees', id, 'config.worktree'), { force: true });

  it('is on the branch when the project is stopped, and when a gate made the worktree whole after the end', async () => {
    const s = await scenario({ config: ['worktree:', '  keep: failed'] });
    const { id, worktreePath, workBranch, repository } = await s.init('unprotected');
    const worker = await s.worker();
    await s.df('start', id);
    await until(() => existsSync(join(worktreePath, '.git')), 30_000, 'a worktree');
    await s.reaches(id, 'active');
    worker.kill('SIGKILL');
    await worker.exited;
    writeFileSync(join(worktreePath, 'mine.txt'), 'mine\n');
    unprotect(repository, id);
    await s.df('stop', id);
    await s.worker();
    await s.settles(id);
    expect(existsSync(worktreePath)).toBe(true);
    expect(await s.repository.git('show', `${workBranch}:mine.txt`)).toBe('mine');
    writeFileSync(join(worktreePath, 'later.txt'), 'later\n');
    unprotect(repository, id);
    await s.df('gate', id);
    await until(async () => (await onBranch(s, workBranch)).includes('later.txt'), 30_000, 'the later file');
    expect(existsSync(join(worktreePath, 'later.txt'))).toBe(true);
  });

  it('stays where no commit can hold it, and is told', async () => {
    const s = await scenario();
    const { id, worktreePath } = await s.init('elsewhere');
    const worker = await s.worker();
    await s.df('start', id);
    await s.reaches(id, 'active');
    worker.kill('SIGKILL');
    await worker.exited;
    await s.repository.gitIn(worktreePath, 'switch', '--quiet', '--create', 'mine');
    writeFileSync(join(worktreePath, 'mine.txt'), 'mine\n');
    await s.df('stop', id);
    await s.worker();
    await s.settles(id);
    expect(existsSync(join(worktreePath, 'mine.txt'))).toBe(true);
    const told = (await s.events(id)).find(({ type }) => type === 'worktree.unsaved');
    expect(told?.message).toContain('refs/heads/mine');
  });
});

const onBranch = (s: Scenario, branch: string) => s.repository.git('ls-tree', '-r', '--name-only', branch);

describe('folders nested deeper than a path may be long', () => {
  it('fail the commit call with words and not the project, and go with the worktree', async () => {
    let last: Turn | undefined;
    const nest =
      'node -e \'const fs=require("fs");for(let i=0;i<3000;i++){fs.mkdirSync("d");process.chdir("d")}fs.writeFileSync("f","x")\'';
    const s = await scenario({
      script: (turn) => {
        last = turn;
        return sequence([
          MEND,
          call('bash', { command: nest }),
          call('commit', { message: 'Deep' }),
          call('bash', { command: 'mv d e && git status --short | cut -c1-80 && sleep 60' }),
        ])(turn);
      },
    });
    const project = await s.init('deep');
    await s.worker();
    await s.df('start', 'deep');
    await until(() => results(last).length === 3, 60_000);
    const told = results(last)[2] ?? '';
    expect(told).toContain('4096 characters');
    expect(told).toContain('rm -rf');
    expect(told.length).toBeLessThan(1_500);
    await s.df('stop', 'deep');
    await s.settles(project.id);
    expect(existsSync(project.worktreePath)).toBe(false);
    expect(await s.repository.git('show', `${project.workBranch}:sum.js`)).toContain('a + b');
  });
});
