import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigReader, createConfigReader, setting } from '../../../src/git/run/config.ts';
import { createRunGit } from '../../../src/git/run/run.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

let repository: TestRepository;
let common: string;
let reader: ConfigReader;
let looks: number;
beforeEach(async () => {
  repository = await makeRepository();
  common = join(repository.dir, '.git');
  looks = 0;
  const run = createRunGit({ env: repository.env });
  const counted: typeof run = (...asked) => {
    looks += 1;
    return run(...asked);
  };
  reader = createConfigReader(counted, repository.env);
});
afterEach(() => repository.cleanup());

/** @returns the git dir of a worktree */
async function worktree(name: string): Promise<string> {
  await repository.git('worktree', 'add', '--quiet', '--detach', join(repository.outside, name));
  return join(common, 'worktrees', name);
}

async function valueIn(gitDir: string, key: string) {
  return setting(await reader.read(gitDir, common), key);
}

describe('the configuration of a repository', () => {
  it('is read once for all worktrees that have no settings of their own, and again when it changed', async () => {
    await repository.git('config', 'alias.mine', 'log');
    for (const gitDir of [common, await worktree('one'), await worktree('two')])
      expect(await valueIn(gitDir, 'alias.mine')).toBe('log');
    expect(looks).toBe(1);
    await repository.git('config', 'alias.mine', 'show');
    expect(await valueIn(join(common, 'worktrees/two'), 'alias.mine')).toBe('show');
    expect(looks).toBe(2);
  });

  it('is read for a worktree alone once that has settings of its own', async () => {
    await repository.git('config', 'extensions.worktreeConfig', 'true');
    const [one, two] = [await worktree('one'), await worktree('two')];
    expect(await valueIn(one, 'alias.own')).toBe(undefined);
    await repository.gitIn(join(repository.outside, 'one'), 'config', '--worktree', 'alias.own', 'one');
    await repository.git('config', '--worktree', 'alias.own', 'main');
    expect(await valueIn(one, 'alias.own')).toBe('one');
    expect(await valueIn(two, 'alias.own')).toBe(undefined);
    expect(await valueIn(common, 'alias.own')).toBe('main');
    expect(await valueIn(two, 'alias.own')).toBe(undefined);
  });

  it('is read for each worktree where something is included for a certain one', async () => {
    const extra = join(repository.outside, 'extra');
    await writeFile(extra, '[alias]\n\tmine = only-two\n');
    const [one, two] = [await worktree('one'), await worktree('two')];
    await repository.git('config', '--global', `includeIf.gitdir:${two}.path`, extra);
    expect(await valueIn(one, 'alias.mine')).toBe(undefined);
    expect(await valueIn(two, 'alias.mine')).toBe('only-two');
    expect(await valueIn(one, 'alias.mine')).toBe(undefined);
  });
});
