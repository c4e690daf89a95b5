import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGitManager } from '../../src/git/manager.ts';
import { makeRepository } from '../support/repository.ts';
import { until } from '../support/until.ts';
import { makeStage, type Stage, type StageOptions } from './stage.ts';

const LOOK = 'git status --short && git diff --stat && git log --format=%s | wc -l';

async function at(options: StageOptions) {
  const stage = await makeStage(options);
  onTestFinished(() => stage.cleanup());
  return stage;
}

describe('git in the sandbox', () => {
  it('answers about files whose filter fails, is missing or may not write, and looks at them as the factory does', async () => {
    const stage = await at({ files: { '.gitattributes': '*.bin filter=big\n', 'a.bin': 'a\n' } });
    for (const variable of ['clean', 'process', 'smudge'])
      await stage.repository.git('config', `filter.big.${variable}`, 'no-such-program');
    await stage.repository.git('config', 'filter.big.required', 'true');
    await writeFile(join(stage.worktree, 'a.bin'), 'b\n');
    const { exitCode, output } = await stage.run(LOOK);
    expect({ exitCode, output }).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/^ M a\.bin\n/),
    });
  });

  it('runs the filters of the owner’s own configuration, and goes on where one fails', async () => {
    const gitSettings = [
      { key: 'filter.up.clean', value: 'tr a-z A-Z' },
      { key: 'filter.bad.clean', value: 'exit 3' },
    ];
    const files = { '.gitattributes': '*.up filter=up\n*.bad filter=bad\n', 'a.up': 'A\n', 'a.bad': 'a\n' };
    const stage = await at({ files, gitSettings });
    await writeFile(join(stage.worktree, 'a.up'), 'a\n');
    await writeFile(join(stage.worktree, 'a.bad'), 'b\n');
    const { exitCode, output } = await stage.run(`${LOOK} 2>/dev/null`);
    expect(exitCode).toBe(0);
    expect(output).toContain(' M a.bad\n');
    expect(output).not.toContain('a.up');
  });

  it('knows the line ends, ignored files and attributes of the owner', async () => {
    const repository = await makeRepository({ files: { ignore: '*.mine\n', attributes: '*.lf -text\n' } });
    onTestFinished(() => repository.cleanup());
    const gitSettings = [
      { key: 'core.autocrlf', value: 'true' },
      { key: 'core.excludesfile', value: join(repository.dir, 'ignore') },
      { key: 'core.attributesfile', value: join(repository.dir, 'attributes') },
    ];
    const stage = await at({ files: { 'a.txt': 'a\nb\n', 'a.lf': 'a\nb\n' }, gitSettings });
    // As the factory's git checks it out, and then written again.
    await rm(join(stage.worktree, 'a.txt'));
    await stage.repository.gitIn(stage.worktree, '-c', 'core.autocrlf=true', 'checkout', '--', 'a.txt');
    for (const name of ['a.txt', 'a.lf']) await writeFile(join(stage.worktree, name), 'a\r\nb\r\n');
    await writeFile(join(stage.worktree, 'note.mine'), 'x');
    expect((await stage.run('git status --short')).output).toBe(' M a.lf\n');
  });

  it.each([
    ['packs for the first time', async () => {}],
    ['packs again', (stage: Stage) => stage.repository.git('pack-refs', '--all')],
  ])('knows its branch and its commit when the owner’s git %s meanwhile', async (_, before) => {
    const stage = await at({});
    await before(stage);
    await stage.repository.gitIn(stage.worktree, 'commit', '--quiet', '--allow-empty', '-m', 'more');
    const commit = (await stage.repository.gitIn(stage.worktree, 'rev-parse', 'HEAD')).trim();
    const running = stage.run(
      'touch started; while [ ! -e go ]; do :; done; git rev-parse HEAD df/test && git log -1 --format=%s',
    );
    await until(() => stat(join(stage.worktree, 'started')).then(Boolean, () => false));
    await stage.repository.git('pack-refs', '--all');
    await writeFile(join(stage.worktree, 'go'), '');
    expect((await running).output).toBe(`${commit}\n${commit}\nmore\n`);
  });
});

describe('what a checkout would lack is named before the work:', () => {
  const problems = async (config: string[][], attributes = '# filter=none\n*.bin filter=big -text\n') => {
    const repository = await makeRepository({ files: { 'sub/.gitattributes': attributes } });
    onTestFinished(() => repository.cleanup());
    for (const args of config) await repository.git('config', ...args);
    const git = createGitManager({ env: repository.env });
    return (await git.checkoutProblems(repository.dir, 'HEAD')).join('\n');
  };

  it.each([
    ['a filter that nobody configured', [], /"big".*stay as they are stored: no program/],
    ['one of the repository alone', [['filter.big.clean', 'cat']], /runs none of these/],
    [
      'a program that is missing',
      [['--global', 'filter.big.process', 'no-such x']],
      /program no-such .*missing/,
    ],
  ])('%s', async (_, config, said) => expect(await problems(config)).toMatch(said));

  it('nothing, where the program is there or no filter is asked for', async () => {
    expect(await problems([['--global', 'filter.big.clean', 'git hash-object --stdin']])).toBe('');
    expect(await problems([], '* text=auto\n')).toBe('');
  });
});
